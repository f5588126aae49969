import Foundation
import Logging
import Testing

@testable import App

/// A state directory with damaged files: the collector starts, reports losses, and shows no wrong total without a
/// report.
@Suite struct StateDamageTests {
    /// A state directory after `kill -9`, and the acknowledged exports.
    private struct Sample {
        let folder: TemporaryFolder
        let truth: [String: Double]

        /// Counters of the first half are in the records, those of the second half in the journal, some in both.
        init() async throws {
            folder = try TemporaryFolder()
            let (path, copy) = (folder.url.appending(path: "made").path, folder.url.appending(path: "state").path)
            try await AppInProcess.run(StateDamageTests.configuration(path)) { collector in
                for turn in 0..<12 { try StateDamageTests.send(turn, to: collector) }
            }
            truth = try await AppInProcess.run(StateDamageTests.configuration(path)) { collector in
                for turn in 8..<24 { try StateDamageTests.send(turn + 100, series: turn, to: collector) }
                let page = try collector.scrape()
                try FileManager.default.copyItem(atPath: path, toPath: copy)
                return StateDamageTests.counters(of: page)
            }
        }

        var names: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "state").path) }
        }

        func bytes(_ name: String) throws -> [UInt8] {
            try Fixtures.bytes(folder.url.appending(path: "state").appending(path: name))
        }
    }

    private static func configuration(_ path: String) -> String {
        TestConfiguration.collector(
            rest: """
                odometer:
                  own_metrics_on_exporters: true
                  state:
                    path: \(path)
                    checkpoint_interval: 1h
                """
        ).replacing("      level: none\n", with: "      level: normal\n      readers: []\n")
    }

    /// Deltas of a counter, a total of a cumulative one and a delta histogram.
    private static func send(_ turn: Int, series: Int? = nil, to collector: AppInProcess) throws {
        let key = ["k": "series \(series ?? turn)"]
        _ = try collector.post(TestExport.sum("d", turn + 1, start: turn, time: turn + 1, attributes: key))
        _ = try collector.post(TestExport.sum("c", turn + 1, .cumulative, start: 0, time: turn + 1, attributes: key))
        let point =
            #""startTimeUnixNano":"\#(turn + 1)","timeUnixNano":"\#(turn + 2)","count":"3","sum":4.5,"bucketCounts":["1","2"],"explicitBounds":[1]"#
        _ = try collector.post(
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{\#(point)}]}}]}]}]}"#
        )
    }

    /// All counting series, by name and labels.
    private static func counters(of page: ExpositionText) -> [String: Double] {
        let counters = page.samples.filter { !$0.name.hasPrefix("odometer_") }
        return Dictionary(counters.map { ("\($0.name) \($0.labels.sorted { $0.key < $1.key })", $0.value) }) { $0 + $1 }
    }

    /// Opens a damaged copy.
    /// - Returns: errors in values and reports, and whether anything differs from the truth.
    private static func open(
        _ sample: Sample, _ name: String, _ change: ([UInt8]) -> [UInt8]
    ) async throws -> (faults: [String], isWhole: Bool) {
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "state").path
        try FileManager.default.copyItem(
            atPath: sample.folder.url.appending(path: "state").path, toPath: path)
        let file = folder.url.appending(path: "state").appending(path: name)
        try Data(change(try Fixtures.bytes(file))).write(to: file)
        let log = LogCapture(level: .warning)
        let (shown, losses) = try await AppInProcess.run(configuration(path), log: log.logger) { collector in
            let page = try collector.scrape()
            return (counters(of: page), page.total(of: "odometer_state_losses") ?? 0)
        }
        let text = try log.text()
        var faults: [String] = []
        // The truth is the maximum that was acknowledged.
        for (series, value) in shown where value > sample.truth[series] ?? 0 {
            faults.append("\(series) is \(value), more than \(sample.truth[series] ?? 0)")
        }
        let isWhole = shown == sample.truth
        if !isWhole, losses == 0 { faults.append("nothing is counted as lost") }
        let words = ["damaged", "lost", "missing"]
        if !isWhole, !words.contains(where: text.contains) { faults.append("the log says nothing: \(text)") }
        return (faults, isWhole)
    }

    @Test("an undamaged state is complete, without reports")
    func undamaged() async throws {
        let sample = try await Sample()
        #expect(sample.truth.count == 24 + 24 + 4)
        let names = try sample.names
        #expect(names.contains("state.db") && names.contains("journal.mark"))
        #expect(names.contains { $0.hasPrefix("journal-") && $0.hasSuffix(".db-wal") })
        let outcome = try await Self.open(sample, "state.db") { $0 }
        #expect(outcome.faults == [] && outcome.isWhole)
    }

    @Test("R-LIFE-05 every file cut at every 512th byte: the collector starts, and reports every wrong total")
    func cutFiles() async throws {
        let sample = try await Sample()
        var damaged = 0
        for name in try sample.names.sorted() where name != "odometer.lock" {
            let size = try sample.bytes(name).count
            // At most about fifty positions for each file.
            let step = 512 * max(1, size / 512 / 50)
            for length in stride(from: 0, to: size, by: step) {
                let outcome = try await Self.open(sample, name) { Array($0.prefix(length)) }
                #expect(outcome.faults == [], "\(name) cut at \(length)")
                if !outcome.isWhole { damaged += 1 }
            }
        }
        #expect(damaged > 30, "most cuts lose something")
    }

    @Test("R-LIFE-05 single bytes flipped in every file: the collector starts, and reports every wrong total")
    func flippedBytes() async throws {
        let sample = try await Sample()
        var damaged = 0
        for name in try sample.names.sorted() where name != "odometer.lock" {
            let size = try sample.bytes(name).count
            let step = max(1, size / 35) | 1
            for place in stride(from: 0, to: size, by: step) {
                let outcome = try await Self.open(sample, name) { bytes in
                    var bytes = bytes
                    bytes[place] ^= place % 2 == 0 ? 0xFF : 1
                    return bytes
                }
                #expect(outcome.faults == [], "\(name) flipped at \(place)")
                if !outcome.isWhole { damaged += 1 }
            }
        }
        #expect(damaged > 5, "some flips lose something")
    }

    @Test("an export beyond limits lowered since is reported as lost")
    func loweredLimits() async throws {
        let folder = try TemporaryFolder()
        let (path, copy) = (folder.url.appending(path: "made").path, folder.url.appending(path: "copy").path)
        try await AppInProcess.run(Self.configuration(path)) { collector in
            _ = try collector.post(TestExport.sum("c", 5))
            _ = try collector.post(TestExport.manySeries("many", 0..<20_000))
            try FileManager.default.copyItem(atPath: path, toPath: copy)
        }
        let log = LogCapture(level: .warning)
        let lowered = Self.configuration(copy) + "\n  limits:\n    max_decoding_memory: 1 MiB\n"
        try await AppInProcess.run(lowered, log: log.logger) { collector in
            let page = try collector.scrape()
            #expect(page["c_total", [:]] == 5)
            #expect(page["odometer_state_losses", ["kind": "entries_unusable"]] == 1)
        }
        let text = try log.text()
        #expect(text.contains("1 acknowledged exports are lost"), "\(text)")
    }
}
