import Foundation
import Testing

/// Tests that start programs. One after the other, since they need the processor.
@Suite(.serialized) enum ProcessTests {}

extension ProcessTests {
    /// The life of the built program.
    @Suite struct ProgramTests {
        private static let json = [("Content-Type", "application/json")]

        @Test(
            "R-LIFE-04 a signal ends the program: nothing new is accepted, open requests are answered, exit 0",
            arguments: [SIGTERM, SIGINT])
        func drain(signal: Int32) async throws {
            try await blocking {
                let odometer = try OdometerProgram()
                let idle = try odometer.connect()
                let client = try odometer.connect()
                let body = Array(TestExport.sum("c", 3).utf8)
                // After 100 Continue the request is open.
                try client.send(
                    "POST /v1/metrics HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                        + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n")
                #expect(try client.reply(takingInterim: true).status == 100)
                odometer.program.send(signal: signal)
                #expect(wait(within: .seconds(10)) { (try? odometer.connect()) == nil }, "still accepts")
                #expect(idle.isClosedByServer())
                #expect(odometer.program.poll() == nil, "ended before its last answer")
                try client.send(body)
                let reply = try client.reply()
                #expect(reply.status == 200)
                #expect(odometer.program.waitForEnd() == .exited(0))
                let log = odometer.program.standardError
                #expect(log.contains(signal == SIGTERM ? "SIGTERM" : "SIGINT"))
                #expect(
                    log.contains("listening address=127.0.0.1:\(odometer.metricsPort) listener=prometheus"), "\(log)")
                #expect(odometer.program.standardOutput.isEmpty)
            }
        }

        @Test("R-LIFE-04 a client that never ends its request does not keep the program from ending")
        func drainIsBounded() async throws {
            try await blocking {
                let odometer = try OdometerProgram()
                let client = try odometer.connect()
                try client.send(
                    "POST /v1/metrics HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n")
                #expect(try client.reply(takingInterim: true).status == 100)
                odometer.program.send(signal: SIGTERM)
                // Container runtimes kill after 10 seconds.
                #expect(odometer.program.waitForEnd(within: .seconds(9.5)) == .exited(0))
            }
        }

        @Test("A port in use is one line, and exit 1", arguments: ["otlp", "prometheus"])
        func portInUse(component: String) async throws {
            try await blocking {
                let first = try OdometerProgram()
                let folder = try TemporaryFolder()
                let file = try folder.write(
                    TestConfiguration.collector(
                        otlpPort: component == "otlp" ? first.otlpPort : 0,
                        metricsPort: component == "otlp" ? 0 : first.metricsPort), to: "config.yaml")
                let second = try RunningProgram(
                    OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment)
                #expect(second.waitForEnd() == .exited(1))
                let taken = component == "otlp" ? first.otlpPort : first.metricsPort
                let lines = second.standardError.split(separator: "\n").filter { $0.contains("in use") }
                #expect(lines.count == 1)
                #expect(lines.first?.contains("127.0.0.1:\(taken)") == true, "\(second.standardError)")
                #expect(try first.scrapeReply().status == 200)
            }
        }

        @Test("An error in the configuration stops the start with its position, and nothing is opened")
        func badConfiguration() async throws {
            try await blocking {
                let folder = try TemporaryFolder()
                let port = try freePort()
                let text = TestConfiguration.collector(otlpPort: port, exporter: "    metric_expiraton: 5m\n")
                let file = try folder.write(text, to: "config.yaml")
                let program = try RunningProgram(
                    OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment)
                #expect(program.waitForEnd() == .exited(1))
                let line = text.split(separator: "\n", omittingEmptySubsequences: false)
                    .firstIndex { $0.contains("metric_expiraton") }
                let place = "\(file):\((line ?? -1) + 1):5"
                let lines = program.standardError.split(separator: "\n").filter { $0.contains(place) }
                #expect(lines.count == 1, "\(program.standardError)")
                #expect(lines.first?.contains("exporters.prometheus.metric_expiraton") == true)
                #expect(lines.first?.contains("metric_expiration") == true, "the nearest known key is named")
                #expect(throws: HTTPClient.Fault.self) { try HTTPClient(port: port) }
            }
        }

        @Test("R-LIFE-01 the log says that metric_expiration: 0 means never")
        func zeroExpirationIsTold() async throws {
            try await blocking {
                let odometer = try OdometerProgram {
                    TestConfiguration.collector(
                        otlpPort: $0, metricsPort: $1, exporter: "    metric_expiration: 0\n")
                }
                let notes = odometer.program.standardError.split(separator: "\n")
                    .filter { $0.contains("metric_expiration") }
                #expect(notes.count == 1)
            }
        }

        @Test("A repeated fault is logged once, and its count when the program ends")
        func repeatedFaults() async throws {
            try await blocking {
                let odometer = try OdometerProgram()
                for _ in 0..<50 {
                    #expect(try odometer.post("{").status == 400)
                    let rejected = try odometer.post(TestExport.sum("c", -1))
                    #expect(try OTLPAnswer.partialSuccess(of: rejected)?.rejected == 1)
                }
                #expect(odometer.program.stop() == .exited(0))
                let lines = odometer.program.standardError.split(separator: "\n")
                let warnings = lines.filter { $0.contains(" warn ") }
                #expect(warnings.count == 2, "\(warnings)")
                #expect(warnings.contains { $0.contains("rejected") && $0.contains("metric=c") })
                #expect(warnings.contains { $0.contains("refused") })
                #expect(lines.filter { $0.contains("count=50") }.count == 2, "\(lines)")
            }
        }

        @Test("R-LIFE-03 memory is bounded: new series beyond the limit are rejected, also without scrapes")
        func memoryIsBounded() async throws {
            try await blocking {
                let odometer = try OdometerProgram {
                    TestConfiguration.collector(
                        otlpPort: $0, metricsPort: $1, rest: "odometer:\n  limits:\n    max_series: 1000\n")
                }
                _ = try odometer.post(TestExport.manySeries("c", 0..<1000))
                let before = try #require(odometer.program.residentBytes)
                let client = try odometer.connect()
                for batch in 1...50 {
                    let body = TestExport.manySeries("c", (batch * 1000)..<(batch * 1000 + 1000))
                    let reply = try client.exchange(
                        "POST", "/v1/metrics", headers: Self.json, body: Array(body.utf8))
                    #expect(reply.status == 200)
                    #expect(try OTLPAnswer.partialSuccess(of: reply)?.rejected == 1000)
                }
                let after = try #require(odometer.program.residentBytes)
                // 50,000 series would take more than 20 MB.
                #expect(after - before < 8 << 20, "grew by \((after - before) >> 10) KiB")
                #expect(try odometer.scrape().samples.count == 1000)
            }
        }
    }
}
