internal import Foundation
internal import Synchronization

/// The most allocations that benchmarks may need, from a file: one line for each, the number before the name. Unlike
/// times, allocations do not depend on the machine.
struct AllocationThresholds {
    private var limits: [String: Double] = [:]
    private var measured: Set<String> = []
    private var exceeded: [String] = []

    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameter file: its path. Empty lines and those that begin with # are ignored.
    init(file: String) throws {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        for line in lines where !line.hasPrefix("#") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let limit = Double(parts[0]) else {
                throw Fault(description: "\(file): expected a number and the name of a benchmark, got \"\(line)\"")
            }
            limits[String(parts[1])] = limit
        }
    }

    mutating func check(_ measurement: Measurement) {
        guard let limit = limits[measurement.name] else { return }
        measured.insert(measurement.name)
        guard measurement.allocationsPerOperation > limit else { return }
        exceeded.append(
            "\(measurement.name): \(measurement.allocationsPerOperation) allocations per \(measurement.unit), "
                + "at most \(limit) expected")
    }

    /// What exceeds its threshold, and thresholds without a benchmark.
    var problems: [String] {
        exceeded + limits.keys.filter { !measured.contains($0) }.sorted().map { "\($0): not measured" }
    }
}

/// Those that this run checks; nil: none.
let thresholds = Mutex<AllocationThresholds?>(nil)
