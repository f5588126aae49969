import Foundation
import Testing

extension ProcessTests {
    /// Unusual exports of real clients, with the whole program: nothing is lost, and each kind is reported once.
    @Suite struct OddExportsTests {
        private static func export(_ metrics: [String], resource: [(String, String)] = []) -> String {
            let attributes = resource.map { #"{"key":"\#($0.0)","value":{"stringValue":"\#($0.1)"}}"# }
            return
                #"{"resourceMetrics":[{"resource":{"attributes":[\#(attributes.joined(separator: ","))]},"#
                + #""scopeMetrics":[{"metrics":[\#(metrics.joined(separator: ","))]}]}]}"#
        }

        private static func histogram(
            _ name: String, _ counts: [Int], _ bounds: [Int], count: Int? = nil, time: Int, session: String = "s"
        ) -> String {
            let total = count ?? counts.reduce(0, +)
            return
                #"{"name":"\#(name)","histogram":{"aggregationTemporality":1,"dataPoints":[{"startTimeUnixNano":"\#(time)","#
                + #""timeUnixNano":"\#(time + 1)","count":"\#(total)","sum":\#(total),"bucketCounts":\#(counts),"#
                + #""explicitBounds":\#(bounds),"attributes":[{"key":"session.id","value":{"stringValue":"\#(session)"}}]}]}}"#
        }

        private static func times(_ needle: String, in log: String) -> Int {
            log.components(separatedBy: needle).count - 1
        }

        @Test("writers with different bounds, without sessions: after a kill the page is that of a run without one")
        func boundsSurviveKills() async throws {
            try await blocking {
                let killed = try StatefulProgram(rest: "  labels: {drop: [session_id]}\n")
                let calm = try StatefulProgram(rest: "  labels: {drop: [session_id]}\n")
                try killed.start()
                try calm.start()
                var last = 0.0
                for round in 0..<6 {
                    let shapes: [([Int], [Int])] = [([5, 5], [1]), ([2, 2, 3], [1, 5]), ([1, 1], [1])]
                    for (writer, shape) in shapes.enumerated() {
                        let text = Self.export([
                            Self.histogram(
                                "lat", shape.0, shape.1, time: 1_700_000_000 + round, session: "\(writer / 2)")
                        ])
                        // Retried: it counts once.
                        for program in [killed, calm, killed] { #expect(try program.post(text).status == 200) }
                        let count = try killed.samples()["lat_count", [:]] ?? 0
                        #expect(count > last)
                        last = count
                    }
                    if round % 2 == 1 { try killed.restart(SIGKILL) }
                }
                let page = try killed.ownlessPage(accept: "text/plain")
                #expect(page == (try calm.ownlessPage(accept: "text/plain")))
                #expect(
                    page.filter { !$0.hasPrefix("#") } == [
                        #"lat_bucket{le="1"} 48"#, #"lat_bucket{le="+Inf"} 114"#, "lat_sum 114", "lat_count 114",
                    ])
                try killed.end(SIGTERM)
                try calm.end(SIGTERM)
            }
        }

        @Test("a resource with long and many attributes: every point counts, cuts are reported once and counted")
        func longAndWideResource() async throws {
            try await blocking {
                let program = try StatefulProgram(
                    exporter: "    resource_to_telemetry_conversion: {enabled: true}\n")
                try program.start()
                let line = String(repeating: "é", count: 2500)
                let wide = (0..<80).map { ("r\($0 / 10)\($0 % 10)", "v") }
                for end in ["1", "2"] {
                    // They differ only after the cut: one series.
                    let resource = [("service.name", "svc"), ("process.command_line", line + end)]
                    let reply = try program.post(
                        Self.export([Self.histogram("lat", [1, 2], [1], time: 1_700_000_000)], resource: resource))
                    #expect(reply.status == 200 && reply.text == #"{"partialSuccess":{}}"# || reply.text == "{}")
                }
                #expect(
                    try program.post(
                        Self.export([Self.histogram("wide", [1, 2], [1], time: 1_700_000_000)], resource: wide)
                    ).status == 200)
                let long = String(repeating: "x", count: 200_000)
                #expect(
                    try program.post(
                        Self.export(
                            [Self.histogram("long", [1, 2], [1], time: 1_700_000_000)], resource: [("args", long)])
                    ).status == 200)
                let page = try program.samples()
                let lines = page.samples.filter { $0.name == "lat_count" }
                #expect(lines.map(\.value) == [6])
                #expect(lines.first?.labels["process_command_line"]?.utf8.count == 4096)
                #expect(page.samples.first { $0.name == "wide_count" }?.labels.count == 64)
                #expect(page.samples.contains { $0.name == "long_count" })
                let exporter = ["exporter": "prometheus"]
                #expect(page["odometer_cut_label_values_total", exporter] == 3)
                #expect(page["odometer_left_out_labels_total", exporter] == 17)
                #expect(page.total(of: "odometer_rejected_points_total") == 0)
                try program.end(SIGTERM)
                #expect(Self.times("label values are cut", in: program.log) == 2)
                #expect(Self.times("labels beyond odometer.limits.max_labels are left out", in: program.log) == 1)
            }
        }

        @Test("a count that differs from its buckets: the buckets count, and the metric is reported once")
        func mendedCounts() async throws {
            try await blocking {
                let program = try StatefulProgram()
                try program.start()
                for time in 0..<3 {
                    let text = Self.export([
                        Self.histogram("lat", [5, 3], [1], count: 10, time: 1_700_000_000 + time)
                    ])
                    #expect(try program.post(text).status == 200)
                }
                let page = try program.samples()
                #expect(page["lat_count", ["session_id": "s"]] == 24)
                #expect(page["odometer_mended_histogram_counts_total", ["exporter": "prometheus"]] == 3)
                try program.end(SIGTERM)
                #expect(Self.times("a count that differs from their buckets", in: program.log) == 1)
            }
        }
    }
}
