internal import CAllocations
internal import Foundation
internal import Platform

/// The result of a benchmark.
struct Measurement {
    var name: String
    /// The name of one operation: "point", "sample".
    var unit: String
    var nanosecondsPerOperation: Double
    var allocationsPerOperation: Double
}

/// Runs `body` until it has used a second of CPU, after one run to warm up, and takes the best of five rounds: the
/// least disturbed one.
func measure(_ name: String, unit: String, operations: Int, _ body: () -> Void) -> Measurement {
    body()
    var best = Double.infinity
    var allocations = UInt64.max
    for _ in 0..<5 {
        var rounds = 0
        let start = cpuSeconds()
        let before = allocation_count()
        while cpuSeconds() - start < 0.2 {
            body()
            rounds += 1
        }
        let used = cpuSeconds() - start
        best = min(best, used / Double(rounds))
        allocations = min(allocations, (allocation_count() - before) / UInt64(rounds))
    }
    return Measurement(
        name: name, unit: unit, nanosecondsPerOperation: best * 1e9 / Double(operations),
        allocationsPerOperation: Double(allocations) / Double(operations))
}

/// CPU this process has used, user and system.
func cpuSeconds() -> Double { ProcessUsage.cpuSeconds }

/// Resident memory in bytes; 0 where /proc is missing.
func residentBytes() -> Int { ProcessUsage.residentBytes ?? 0 }
