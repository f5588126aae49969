internal import Exposition
internal import Foundation
internal import OTLP
internal import Series

// Cost of each stage, per data point or sample: CPU time and allocations. `make bench` prints the table.

func makeStore() -> SeriesStore {
    var generator = SystemRandomNumberGenerator()
    return SeriesStore(
        settings: SeriesSettings(seriesLimit: 1_000_000), translation: PrometheusTranslation(), using: &generator)
}

/// Stops the program: a generated export that cannot be taken is a fault of the benchmark.
func broken(_ error: any Error) -> Never {
    // A benchmark without its input measures nothing.
    fatalError("\(error)")
}

func report(_ measurement: Measurement) {
    let name = measurement.name.padding(toLength: 44, withPad: " ", startingAt: 0)
    let time = String(format: "%8.1f ns", measurement.nanosecondsPerOperation)
    let allocations = String(format: "%8.3f allocations", measurement.allocationsPerOperation)
    print(name, time, allocations, "per \(measurement.unit)")
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
    for (name, encoding) in [("protobuf", WireEncoding.protobuf), ("JSON", .json)] {
        var store = makeStore()
        var batches: [[UInt8]] = (0..<10).map {
            let export = ExportGenerator(number: $0)
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
        batches = []
    }
}

/// A store of 100,000 series: what it weighs, and what a scrape costs.
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

let benchmarks: [(name: String, run: () -> Void)] = [
    ("decode", benchmarkDecoding), ("ingest", benchmarkIngest), ("scrape", benchmarkScrape),
    ("journal", benchmarkJournal),
]
let wanted = CommandLine.arguments.dropFirst()
for benchmark in benchmarks where wanted.isEmpty || wanted.contains(benchmark.name) { benchmark.run() }
