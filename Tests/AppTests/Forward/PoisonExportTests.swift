import Foundation
import OTLP
import Testing

/// Exports that a destination never accepts, with the whole program.
@Suite struct PoisonExportTests {
    /// Logs with these bodies, in JSON.
    private static func logs(_ bodies: [String]) -> [UInt8] {
        let records = bodies.map { #"{"body":{"stringValue":"\#($0)"}}"# }.joined(separator: ",")
        return Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#.utf8)
    }

    private static func configuration(
        otlpPort: Int, metricsPort: Int, backend: Int, more: String = "", forward: String = ""
    ) -> String {
        LokiTests.configuration(otlpPort: otlpPort, metricsPort: metricsPort, backend: backend, more: more)
            .replacing("state: {path", with: "forward: {report_interval: 100ms\(forward)}, state: {path")
    }

    private static func send(_ bodies: [String], to program: OdometerProgram) throws {
        let reply = try program.connect().exchange(
            "POST", "/v1/logs", headers: [("Content-Type", "application/json")], body: logs(bodies))
        #expect(reply.status == 200)
    }

    /// How often each of these texts is in the accepted exports of a backend.
    private static func counts(_ texts: [String], in backend: BackendStandIn) throws -> [String: Int] {
        let taken = try backend.taken.map { String(decoding: try $0.content, as: UTF8.self) }
        return Dictionary(
            uniqueKeysWithValues: texts.map { text in
                (text, taken.count { $0.contains("\"\(text)\"") })
            })
    }

    private static func lines(_ program: OdometerProgram, _ text: String) -> [Substring] {
        program.program.standardError.split(separator: "\n").filter { $0.contains(text) }
    }

    @Test(
        "ten exports at the head of the queue that are never accepted, also after kill -9, do not block others; waiting ones are reported again",
        arguments: [1, 10])
    func poisonAtTheHead(consumers: Int) async throws {
        let port = try freePort()
        let program = try OdometerProgram {
            Self.configuration(
                otlpPort: $0, metricsPort: $1, backend: port, more: "sending_queue: {num_consumers: \(consumers)}")
        }
        for number in 0..<10 { try Self.send(["poison \(number)"], to: program) }
        try program.restart(SIGKILL)
        let backend = try await BackendStandIn.start(port: port)
        backend.answersRequests { request in
            let text = String(decoding: (try? request.content) ?? [], as: UTF8.self)
            return text.contains("poison") ? .init(status: 503, body: "ingester is busy") : .ok
        }
        let good = (0..<20).map { "good \($0)" }
        for text in good { try Self.send([text], to: program) }
        #expect(try wait(within: .seconds(20)) { try Self.counts(good, in: backend).values.allSatisfy { $0 > 0 } })
        #expect(wait(within: .seconds(20)) { !Self.lines(program, "exports still wait").isEmpty })
        let line = try #require(Self.lines(program, "exports still wait").first)
        #expect(line.contains("HTTP 503: ingester is busy"), "\(line)")
        #expect(Self.lines(program, "accepts exports again").isEmpty)
        program.program.stop()
        try await backend.stop()
    }

    @Test("an export refused for its size is split, each record arrives once; a record that is too large is reported")
    func largeExportsArriveInParts() async throws {
        let backend = try await BackendStandIn.start()
        backend.answersRequests { request in
            // As from Loki: 503, and a google.rpc.Status as application/octet-stream without a code.
            guard let content = try? request.content, content.count > 2000 else { return .ok }
            let message = Array(
                "rpc error: code = ResourceExhausted desc = grpc: received message larger than max".utf8)
            return .init(
                status: 503, headers: [("Content-Type", "application/octet-stream")],
                bytes: [0x12, UInt8(message.count)] + message)
        }
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: backend.port)
        }
        let texts = (0..<100).map { "record \($0) " + String(repeating: "x", count: 90) }
        let huge = String(repeating: "y", count: 3000)
        try Self.send(Array(texts.prefix(50)) + [huge] + texts.dropFirst(50), to: program)
        #expect(try wait(within: .seconds(20)) { try Self.counts(texts, in: backend).values.allSatisfy { $0 > 0 } })
        #expect(try Self.counts(texts, in: backend).values.allSatisfy { $0 == 1 })
        let page = try program.scrape()
        #expect(
            page[
                "odometer_forward_dropped_records_total",
                ["exporter": "otlphttp/loki", "reason": "too_large", "signal": "logs"]] == 1)
        #expect(page["odometer_forward_sent_records_total", ["exporter": "otlphttp/loki", "signal": "logs"]] == 100)
        #expect(page.total(of: "odometer_forward_queue_exports") == 0)
        let line = try #require(Self.lines(program, "an export is split").first)
        #expect(line.contains("received message larger than max"), "\(line)")
        #expect(Self.lines(program, "exports dropped").count == 1)
        program.program.stop()
        try await backend.stop()
    }

    @Test("deltas that a Prometheus refuses with 500 do not block others, and are dropped and reported once")
    func deltasArePassed() async throws {
        let backend = try await BackendStandIn.start()
        backend.answersRequests { request in
            let text = String(decoding: (try? request.content) ?? [], as: UTF8.self)
            let message = "invalid temporality and type combination for metric \"a\""
            return text.contains("delta") ? .init(status: 500, body: message) : .ok
        }
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: backend.port)
        }
        for number in 0..<30 { try Self.send(["delta \(number)"], to: program) }
        let good = (0..<20).map { "cumulative \($0)" }
        for text in good { try Self.send([text], to: program) }
        #expect(try wait(within: .seconds(20)) { try Self.counts(good, in: backend).values.allSatisfy { $0 > 0 } })
        #expect(
            try wait(within: .seconds(20)) { try program.scrape().total(of: "odometer_forward_queue_exports") == 0 })
        #expect(Self.lines(program, "exports dropped").count == 1)
        #expect(backend.requests.count == 50)
        program.program.stop()
        try await backend.stop()
    }

    @Test("each status that drops exports has exactly one line")
    func everyStatusIsToldOnce() async throws {
        let backend = try await BackendStandIn.start()
        backend.answersRequests { request in
            let text = String(decoding: (try? request.content) ?? [], as: UTF8.self)
            let status = [301, 400, 401, 404, 413, 505].first { text.contains("status \($0)") } ?? 200
            return .init(
                status: status, headers: status == 301 ? [("Location", "/elsewhere")] : [],
                body: status == 404
                    ? "2 errors like: too old; 1 errors like: too long" : "because of \(status)")
        }
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: backend.port)
        }
        for _ in 0..<3 {
            for status in [301, 400, 401, 404, 413, 505] { try Self.send(["status \(status)"], to: program) }
        }
        #expect(
            try wait(within: .seconds(20)) {
                try program.scrape().total(of: "odometer_forward_dropped_records_total") == 18
            })
        for status in [301, 400, 401, 404, 413, 505] {
            let lines = Self.lines(program, "exports dropped").filter { $0.contains("HTTP \(status)") }
            #expect(lines.count == 1, "\(status)")
        }
        #expect(Self.lines(program, "exports dropped").count == 6)
        program.program.stop()
        try await backend.stop()
    }

    @Test("an export stored in part is counted as such, with every reason")
    func partlyStoredExports() async throws {
        let backend = try await BackendStandIn.start()
        backend.answersRequests { _ in
            .init(
                status: 400, body: "2 errors like: entry has timestamp too old; 1 errors like: Max entry size exceeded")
        }
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: backend.port)
        }
        try Self.send((0..<10).map { "record \($0)" }, to: program)
        #expect(
            try wait(within: .seconds(20)) {
                try program.scrape().total(of: "odometer_forward_dropped_records_total") == 3
            })
        #expect(
            try program.scrape()[
                "odometer_forward_sent_records_total", ["exporter": "otlphttp/loki", "signal": "logs"]] == 7)
        let line = try #require(Self.lines(program, "stored only a part").first)
        for part in ["dropped=3", "records=10", "too old", "Max entry size"] { #expect(line.contains(part), "\(line)") }
        program.program.stop()
        try await backend.stop()
    }

    @Test("a destination without a listener is reported in words")
    func refusedConnection() throws {
        let port = try freePort()
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: port)
        }
        try Self.send(["record"], to: program)
        #expect(wait(within: .seconds(20)) { !Self.lines(program, "exports wait").isEmpty })
        let line = try #require(Self.lines(program, "exports wait").first)
        #expect(line.contains("connection refused by 127.0.0.1:\(port)"), "\(line)")
        program.program.stop()
    }

    @Test("a message that is too large for gRPC is split for another collector")
    func largeMessagesOverGRPC() async throws {
        let backend = """
            receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0", max_recv_msg_size_mib: 1}, \
            http: {endpoint: "127.0.0.1:0"}}}}
            exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
            service:
              telemetry: {metrics: {level: none}}
              pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
            """
        try await AppInProcess.run(backend) { backend in
            let sender = """
                receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
                exporters:
                  otlp: {endpoint: "127.0.0.1:\(backend.grpcPort)", tls: {insecure: true}, compression: none}
                service:
                  telemetry: {metrics: {level: none}}
                  pipelines: {metrics: {receivers: [otlp], exporters: [otlp]}}
                """
            try await AppInProcess.run(sender) { sender in
                let count = 20_000
                let status = try sender.post(TestExport.manySeries("many", 0..<count)).status
                #expect(status == 200)
                let isThere = try wait(within: .seconds(30)) {
                    try backend.scrape().samples.count { $0.name == "many" || $0.name == "many_total" } == count
                }
                #expect(isThere)
            }
        }
    }
}
