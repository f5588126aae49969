import Foundation
import Testing

extension ProcessTests {
    /// A log without a reader, with the whole program.
    @Suite struct LogBacklogTests {
        /// A rejected point, which is logged.
        private static func rejected(_ number: Int) -> String {
            let name = "m\(number)_" + String(repeating: "n", count: 185)
            return
                #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"\#(name)","sum":{"dataPoints":[{"asInt":"1","timeUnixNano":"1"}]}}]}]}]}"#
        }

        private static func configuration(_ otlp: Int, _ metrics: Int, rest: String = "") -> String {
            TestConfiguration.collector(
                otlpPort: otlp, metricsPort: metrics, rest: "odometer:\n  own_metrics_on_exporters: true\n" + rest)
        }

        private struct Started {
            let program: RunningProgram
            let otlp: Int
            let metrics: Int
            let folder: TemporaryFolder
        }

        private static func start(writingTo descriptor: Int32, rest: String = "") throws -> Started {
            let (otlp, metrics, folder) = (try freePort(), try freePort(), try TemporaryFolder())
            let file = try folder.write(configuration(otlp, metrics, rest: rest), to: "config.yaml")
            let program = try RunningProgram(
                OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment,
                errorDescriptor: descriptor)
            try program.waitForPorts([otlp, metrics])
            return Started(program: program, otlp: otlp, metrics: metrics, folder: folder)
        }

        @Test("a log without a reader from the start stops neither exports nor scrapes nor the shutdown")
        func unreadLogStopsNothing() async throws {
            try await blocking {
                let pipe = try LogPipe(isFull: true)
                let started = try Self.start(
                    writingTo: pipe.writingEnd, rest: "  log:\n    max_backlog: 64 KiB\n    max_backlog_lines: 1000\n")
                let client = try HTTPClient(port: started.otlp)
                for number in 0..<1500 {
                    let reply = try client.exchange(
                        "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                        body: Array(Self.rejected(number).utf8))
                    #expect(reply.status == 200)
                }
                let page = try ExpositionText(
                    HTTPClient.exchange(port: started.metrics, "GET", "/metrics").body)
                let dropped = try #require(page["odometer_log_lines_dropped_total", [:]])
                #expect(dropped > 0)
                // The reader continues.
                let told = pipe.lines { $0.contains("log lines dropped") }.last ?? ""
                #expect(told.hasSuffix("count=\(Int(dropped))"), "\(told)")
                started.program.send(signal: SIGTERM)
                #expect(started.program.waitForEnd(within: .seconds(9.5)) == .exited(0))
                #expect(pipe.lines { $0.hasSuffix(" stopped") }.last?.hasSuffix(" stopped") == true)
            }
        }

        @Test("the shutdown does not wait for a reader")
        func endDoesNotWaitForAReader() async throws {
            try await blocking {
                let pipe = try LogPipe(isFull: true)
                let started = try Self.start(writingTo: pipe.writingEnd)
                started.program.send(signal: SIGTERM)
                #expect(started.program.waitForEnd(within: .seconds(9.5)) == .exited(0))
            }
        }

        @Test("a log whose reader has ended loses lines, nothing else")
        func goneReaderCostsItsLines() async throws {
            try await blocking {
                let pipe = try LogPipe()
                let started = try Self.start(writingTo: pipe.writingEnd)
                pipe.closeReadingEnd()
                for number in 0..<10 {
                    let reply = try HTTPClient.exchange(
                        port: started.otlp, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                        body: Array(Self.rejected(number).utf8))
                    #expect(reply.status == 200)
                }
                let isCounted = try wait(within: .seconds(20)) {
                    let page = try ExpositionText(
                        HTTPClient.exchange(port: started.metrics, "GET", "/metrics").body)
                    // With late lines of the start.
                    return (page["odometer_log_lines_dropped_total", [:]] ?? 0) >= 10
                }
                #expect(isCounted)
                #expect(started.program.stop() == .exited(0))
            }
        }

        @Test("without standard error no file of the state becomes the log")
        func noStandardErrorSpoilsNoFile() async throws {
            try await blocking {
                let program = try StatefulProgram()
                let start = { (descriptor: Int32?) in
                    let running = try RunningProgram(
                        OdometerProgram.path, program.arguments, environment: OdometerProgram.environment,
                        directory: program.folder.url.path, errorDescriptor: descriptor)
                    try running.waitForPorts([program.metricsPort, program.otlpPort])
                    return running
                }
                let silent = try start(-1)
                #expect(try program.post(TestExport.sum("c", 3)).status == 200)
                #expect(try program.post(Self.rejected(1)).status == 200)
                let opened = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(silent.processID)/fd")
                    .filter { (Int($0) ?? 9) < 3 }
                    .map {
                        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(silent.processID)/fd/\($0)")
                    }
                #expect(opened.contains("/dev/null"))
                #expect(!opened.contains { $0.contains("state") || $0.contains("socket") }, "\(opened)")
                #expect(silent.stop() == .exited(0))
                let next = try start(nil)
                #expect(try program.samples()["c_total", [:]] == 3)
                #expect(next.stop() == .exited(0))
                #expect(!next.standardError.contains(" error "), "\(next.standardError)")
            }
        }

        @Test("the reason of a failed start can be read later", arguments: [true, false])
        func fatalMessageIsThere(isRead: Bool) async throws {
            try await blocking {
                let taken = try OdometerProgram()
                let folder = try TemporaryFolder()
                let file = try folder.write(
                    TestConfiguration.collector(otlpPort: taken.otlpPort, metricsPort: 0), to: "config.yaml")
                let pipe = try LogPipe(isFull: !isRead)
                let program = try RunningProgram(
                    OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment,
                    errorDescriptor: pipe.writingEnd)
                #expect(program.waitForEnd(within: .seconds(20)) == .exited(1))
                if isRead { #expect(pipe.lines { $0.contains("in use") }.last?.contains("in use") == true) }
            }
        }
    }
}
