import Foundation
import Testing

extension ProcessTests {
    /// An exporter removed from the configuration while it has queued exports.
    @Suite struct UnclaimedQueueTests {
        private struct Setup {
            let setup: LokiSetup

            init() throws { setup = try LokiSetup() }

            var backendPort: Int { setup.backendPort }
            var folder: TemporaryFolder { setup.folder }

            func start(_ exporter: String) throws -> RunningProgram { try setup.start(exporter) }

            func waiting(_ exporter: String) throws -> Double? {
                try ExpositionText(HTTPClient.exchange(port: setup.metricsPort, "GET", "/metrics").body)[
                    "odometer_forward_unclaimed_exports", ["exporter": exporter]]
            }

            func forget(_ configured: String, _ arguments: String...) throws -> ProgramRun.Result {
                try setup.forget(arguments, configured: configured)
            }

            /// Sends logs to a collector whose exporter has this name, and ends it before they are delivered.
            func fill(_ exporter: String) throws -> [HTTPExport] {
                let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }.prefix(3)
                let program = try start(exporter)
                for export in exports {
                    #expect(try HTTPClient(port: setup.otlpPort).exchange(export).status == 200)
                }
                program.send(signal: SIGKILL)
                #expect(program.waitForEnd() == .signaled(SIGKILL))
                return Array(exports)
            }
        }

        @Test("the queue of a renamed exporter is reported, counted, and sent when the exporter is back")
        func renamedExporterIsTold() async throws {
            let setup = try Setup()
            let exports = try await blocking {
                let exports = try setup.fill("otlphttp/loki")
                let renamed = try setup.start("otlphttp/other")
                let line = try #require(
                    renamed.standardError.split(separator: "\n").first { $0.contains("exporter that no pipeline has") })
                for part in ["otlphttp/loki", "exports=3", "bytes="] { #expect(line.contains(part), "\(line)") }
                #expect(try setup.waiting("otlphttp/loki") == 3)
                #expect(try setup.waiting("otlphttp/other") == nil)
                #expect(renamed.stop() == .exited(0))
                return exports
            }
            let backend = try await BackendStandIn.start(port: setup.backendPort)
            try await blocking {
                let back = try setup.start("otlphttp/loki")
                #expect(wait(within: .seconds(20)) { backend.taken.count == exports.count })
                #expect(try setup.waiting("otlphttp/loki") == nil)
                #expect(!back.standardError.contains("exporter that no pipeline has"))
                #expect(back.stop() == .exited(0))
            }
            try await backend.stop()
        }

        @Test(
            "forget --exporter lists and removes the queue, with and without a running collector",
            arguments: [true, false])
        func queueIsForgotten(isRunning: Bool) async throws {
            try await blocking {
                let setup = try Setup()
                _ = try setup.fill("otlphttp/loki")
                let program = isRunning ? try setup.start("otlphttp/other") : nil
                let file = setup.folder.url.appending(path: "state/forward-otlphttp%2Floki.db").path
                let listed = try setup.forget("otlphttp/other", "--exporter=otlphttp/loki")
                #expect(listed.status == 0, "\(listed.errors)")
                #expect(listed.output.hasPrefix("otlphttp/loki: 3 exports with "))
                #expect(listed.output.hasSuffix("1 queue would be removed; add --yes to remove it.\n"))
                #expect(FileManager.default.fileExists(atPath: file))
                let refused = try setup.forget("otlphttp/loki", "--exporter=otlphttp/loki", "--yes")
                if !isRunning {
                    #expect(refused.status == 1)
                    #expect(refused.errors.contains("otlphttp/loki is still configured and sends its queue"))
                    #expect(FileManager.default.fileExists(atPath: file))
                    let removed = try setup.forget("otlphttp/other", "--exporter=otlphttp/loki", "--yes")
                    #expect(removed.output.hasSuffix("1 queue is removed.\n"), "\(removed.errors)")
                } else {
                    // The configuration of the running collector applies, not that of the command.
                    #expect(refused.output.hasSuffix("1 queue is removed.\n"), "\(refused.errors)")
                    #expect(try setup.waiting("otlphttp/loki") == nil)
                    let own = try setup.forget("otlphttp/other", "--exporter=otlphttp/other", "--yes")
                    #expect(own.errors.contains("otlphttp/other is still configured"), "\(own.errors)")
                }
                #expect(!FileManager.default.fileExists(atPath: file))
                let again = try setup.forget("otlphttp/other", "--exporter=otlphttp/loki", "--yes")
                #expect(again.output == "0 queues are removed.\n")
                if let program { #expect(program.stop() == .exited(0)) }
                let both = try setup.forget("otlphttp/other", "--exporter=x", #"job="x""#)
                #expect(both.errors.contains("--exporter cannot be combined with matchers"))
                let neither = try setup.forget("otlphttp/other")
                #expect(neither.errors.contains("a matcher or --exporter"))
            }
        }
    }
}
