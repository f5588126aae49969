internal import CAllocations
internal import Exposition
internal import Foundation
internal import OTLP
internal import Series
import Settings
internal import Synchronization

// Cost of each stage, per data point or sample: CPU time and allocations. `make bench` prints the table.

func makeStore() -> SeriesStore {
    var generator = SystemRandomNumberGenerator()
    return SeriesStore(
        settings: SeriesSettings(state: StateLimits { $0.maxSeries = 1_000_000 }), translation: PrometheusTranslation(),
        using: &generator)
}

/// Stops the program: a generated export that is refused is an error of the benchmark.
func broken(_ error: any Error) -> Never {
    // A benchmark without its input measures nothing.
    fatalError("\(error)")
}

func report(_ measurement: Measurement) {
    let name = measurement.name.padding(toLength: 44, withPad: " ", startingAt: 0)
    let time = String(format: "%8.1f ns", measurement.nanosecondsPerOperation)
    let allocations = String(format: "%8.3f allocations", measurement.allocationsPerOperation)
    print(name, time, allocations, "per \(measurement.unit)")
    thresholds.withLock { $0?.check(measurement) }
}

func benchmarkDecoding() {
    let export = ExportGenerator(number: 1)
    for (name, encoding, body) in [
        ("decode protobuf", WireEncoding.protobuf, export.protobuf), ("decode JSON", .json, export.json),
    ] {
        var batch = MetricsBatch()
        report(
            measure(name, unit: "point", operations: export.pointCount) {
                body.withUnsafeBytes { bytes in
                    do { try batch.decode(bytes, as: encoding) } catch { broken(error) }
                }
            })
    }
}

/// Known series, ten thousand of them in ten exports: the steady state of a collector.
func benchmarkIngest() {
    for (name, encoding, buckets) in [
        ("protobuf", .protobuf, nil), ("JSON", .json, nil), ("histograms", .protobuf, 12),
    ] as [(String, WireEncoding, Int?)] {
        var store = makeStore()
        let batches: [[UInt8]] = (0..<10).map {
            let export = ExportGenerator(number: $0, buckets: buckets)
            return encoding == .json ? export.json : export.protobuf
        }
        var batch = MetricsBatch()
        var next = 0
        let points = ExportGenerator(number: 0).pointCount
        report(
            measure("decode, find and count \(name)", unit: "point", operations: points) {
                batches[next % batches.count].withUnsafeBytes { bytes in
                    do {
                        try batch.decode(bytes, as: encoding)
                        _ = try store.ingest(batch, receivedAt: 1)
                    } catch { broken(error) }
                }
                next += 1
            })
    }
}

/// A store of 100,000 series: its memory, and the cost of a scrape.
func benchmarkScrape() {
    var store = makeStore()
    let before = residentBytes()
    var batch = MetricsBatch()
    let start = cpuSeconds()
    for number in 0..<100 {
        ExportGenerator(number: number).protobuf.withUnsafeBytes { bytes in
            do {
                try batch.decode(bytes, as: .protobuf)
                _ = try store.ingest(batch, receivedAt: 1)
            } catch { broken(error) }
        }
    }
    let perSeries = (cpuSeconds() - start) * 1e9 / 100_000
    _ = store.snapshot(at: 2)
    var output = [UInt8](repeating: 0, count: 256 << 10)
    var bytes = 0
    report(
        measure("snapshot of 100,000 series", unit: "sample", operations: 100_000) { _ = store.snapshot(at: 2) })
    report(
        measure("snapshot and text of 100,000 series", unit: "sample", operations: 100_000) {
            var exposition = TextExposition(store.snapshot(at: 2))
            bytes = 0
            while true {
                let written = output.withUnsafeMutableBytes { exposition.write(into: $0) }
                if written == 0 { break }
                bytes += written
            }
        })
    print(
        "text of 100,000 series: \(bytes) bytes; new series cost \(Int(perSeries)) ns each, export generation included")
    print(
        "resident memory: \((residentBytes() - before) / 100_000) bytes a series, its label text of about \(bytes / 100_000) bytes included"
    )
}

/// Memory of 100,000 series of one kind after a scrape, without the text of their labels. Each in its own process, so
/// that no freed memory is reused.
func benchmarkMemory() {
    for (kind, buckets) in [("counter", nil), ("histogram of 12 buckets", 12)] as [(String, Int?)] {
        for temporality in ExportGenerator.Temporality.allCases {
            let child = Process()
            child.executableURL = URL(filePath: CommandLine.arguments[0])
            child.arguments = ["series", "\(kind), \(temporality)", "\(temporality.rawValue)", "\(buckets ?? 0)"]
            do { try child.run() } catch { broken(error) }
            child.waitUntilExit()
        }
    }
}

/// The child of `benchmarkMemory`.
func weighSeries(_ name: String, _ temporality: ExportGenerator.Temporality, buckets: Int?) {
    let count = 100_000
    var batch = MetricsBatch()
    var warm = makeStore()
    ingest(ExportGenerator(number: 0, temporality: temporality, buckets: buckets), &batch, &warm)
    let before = (allocated: Int(allocated_bytes()), resident: residentBytes())
    var store = makeStore()
    for number in 0..<100 {
        let export = ExportGenerator(number: number, temporality: temporality, buckets: buckets)
        ingest(export, &batch, &store)
    }
    let shown = store.snapshot(at: 2).families.reduce(0) { sum, family in
        sum + family.samples.reduce(0) { $0 + $1.labels.count }
    }
    release_free_memory()
    let allocated = (Int(allocated_bytes()) - before.allocated - shown) / count
    let resident = (residentBytes() - before.resident - shown) / count
    print(
        "\(name): \(allocated) bytes allocated, \(resident) resident a series beyond its label text of \(shown / count)"
    )
}

func ingest(_ export: ExportGenerator, _ batch: inout MetricsBatch, _ store: inout SeriesStore) {
    export.protobuf.withUnsafeBytes { bytes in
        do {
            try batch.decode(bytes, as: .protobuf)
            _ = try store.ingest(batch, receivedAt: 1)
        } catch { broken(error) }
    }
}

let benchmarks: [(name: String, run: () -> Void)] = [
    ("decode", benchmarkDecoding), ("ingest", benchmarkIngest), ("scrape", benchmarkScrape),
    ("events", benchmarkEvents), ("memory", benchmarkMemory),
    ("journal", benchmarkJournal),
]
if CommandLine.arguments.count == 5, CommandLine.arguments[1] == "series",
    let temporality = UInt8(CommandLine.arguments[3]).flatMap(ExportGenerator.Temporality.init)
{
    let buckets = Int(CommandLine.arguments[4]).flatMap { $0 > 0 ? $0 : nil }
    weighSeries(CommandLine.arguments[2], temporality, buckets: buckets)
    exit(0)
}
// `Bench [--thresholds FILE] [NAME …]`
var wanted = Array(CommandLine.arguments.dropFirst())
if wanted.first == "--thresholds" {
    do {
        let read = try AllocationThresholds(file: wanted.dropFirst().first ?? "")
        thresholds.withLock { $0 = read }
    } catch { broken(error) }
    wanted.removeFirst(min(2, wanted.count))
}
for benchmark in benchmarks where wanted.isEmpty || wanted.contains(benchmark.name) { benchmark.run() }
let problems = thresholds.withLock { $0?.problems } ?? []
for problem in problems { print(problem) }
exit(problems.isEmpty ? 0 : 1)
