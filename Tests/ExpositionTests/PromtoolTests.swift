import Foundation
import OTLP
import Series
import Testing

@testable import Exposition

/// promtool parses our pages. It must be installed: without it these tests fail.
@Suite struct PromtoolTests {
    /// Exit codes of `promtool check metrics`.
    private enum Verdict: Int32 {
        case clean = 0
        case unreadable = 1
        /// Valid; a name or help text is against conventions.
        case unusual = 3
    }

    private func check(_ text: [UInt8]) throws -> (verdict: Verdict?, messages: String) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "promtool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (input, output) = (directory.appending(path: "in"), directory.appending(path: "out"))
        try Data(text).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["promtool", "check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let messages = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        #expect(process.terminationStatus != 127, "promtool is not installed: \(messages)")
        return (Verdict(rawValue: process.terminationStatus), messages)
    }

    private let resource = [Attribute("service.name", "svc"), Attribute("service.instance.id", "i-1")]

    @Test("R-TXT-04 R-TXT-05 promtool reports nothing for ordinary metrics with hostile values")
    func hostileValuesAreClean() throws {
        let values = [
            "\\", "\"", "\n", "\\n", "{}", "a=\"b\"", "\0", "\r", "é😀\u{2028}", "# TYPE x counter", "\u{FEFF}",
        ]
        let numbers: [SampleValue] = [
            .int(.max), .int(.min), .double(.nan), .double(.infinity), .double(-.infinity),
            .double(.leastNonzeroMagnitude),
            .double(1.7976931348623157e308), .double(0.1), .double(-0.0), .double(1e21), .double(1e15),
        ]
        let streams = zip(values, numbers).flatMap { value, number in
            ["requests", "memory.used"].map { name in
                let metric = MetricIdentity(name, unit: "By", name == "requests" ? .counter : .gauge)
                return (
                    StreamIdentity(metric, [Attribute("k", value)], resource: resource, scope: Scope("scope")), number
                )
            }
        }
        let snapshot = try SeriesSnapshot(
            streams, help: "He said \"no\\\n\\never\", {x=\"y\"} 1", translation: PrometheusTranslation())
        let (verdict, messages) = try check(text(of: snapshot))
        #expect(verdict == .clean, "\(messages)")
        #expect(messages.isEmpty)
    }

    @Test("R-NAME-16 promtool reports nothing for Claude Code's metrics")
    func claudeCodeIsClean() throws {
        let metrics = [
            ("claude_code.session.count", ""), ("claude_code.token.usage", "tokens"), ("claude_code.cost.usage", "USD"),
            ("claude_code.active_time.total", "s"), ("claude_code.lines_of_code.count", ""),
            ("claude_code.commit.count", ""), ("claude_code.pull_request.count", ""),
            ("claude_code.code_edit_tool.decision", ""),
        ]
        let snapshot = try SeriesSnapshot(
            metrics.map { name, unit in
                let metric = MetricIdentity(name, unit: unit, .counter)
                return (StreamIdentity(metric, [Attribute("session.id", "1")], resource: resource), .double(0.5))
            }, help: "Counts", translation: PrometheusTranslation())
        let (verdict, messages) = try check(text(of: snapshot))
        #expect(verdict == .clean, "\(messages)")
    }

    @Test("R-LAB-02 R-LAB-05 promtool parses hostile names")
    func hostileNamesAreReadable() throws {
        let keys = [
            "__name__", "job", "le", "温度", "$", "1", "a.b", "a-b", "a\"b", "\0", "..", "otel.scope.name", "é", "A b",
        ]
        let names = ["1st.metric", ":", "a::b", "温度", "new\nline", "a\"b", "nul\0", "x", "UPPER", "__x__", "job"]
        let units = ["", "s", "%", "By/s", "{x}", "[degC]", "µs", "a b", "\"", "1"]
        var streams: [(StreamIdentity, SampleValue)] = []
        for (index, name) in names.enumerated() {
            for unit in units {
                for instrument in Instrument.allCases {
                    let stream = StreamIdentity(
                        MetricIdentity("\(name).\(index).\(instrument)", unit: unit, instrument),
                        keys.map { Attribute($0, "v") }, resource: resource,
                        scope: Scope("s", [Attribute("\"", "1"), Attribute("1", "2")]))
                    streams.append((stream, .int(1)))
                }
            }
        }
        var snapshot = try SeriesSnapshot(streams, help: "\\", translation: PrometheusTranslation())
        for index in snapshot.families.indices { snapshot.families[index].samples.removeSubrange(1...) }
        let (verdict, messages) = try check(text(of: snapshot))
        #expect(verdict == .clean || verdict == .unusual, "\(messages)")
        #expect(!messages.contains("error while linting"), "\(messages)")
    }

    @Test("promtool is strict enough to detect a broken line")
    func brokenTextIsNoticed() throws {
        for broken in ["g{a=\"x} 1\n", "g{a=\"1\",a=\"2\"} x\n", "# TYPE g gauge\n# TYPE g gauge\ng 1\n", "1g 1\n"] {
            #expect(try check(Array(broken.utf8)).verdict == .unreadable, "\(broken)")
        }
    }
}
