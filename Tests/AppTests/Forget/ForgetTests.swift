import Foundation
import Testing

extension ProcessTests {
    /// `odometer forget` with the built program.
    @Suite struct ForgetTests {
        private static let mail = "ada.lovelace@example.org"
        private static let matcher = #"user_email="ada.lovelace@example.org""#

        /// A collector with a state directory that has data of two persons.
        private struct Setup {
            let folder: TemporaryFolder
            let config: String
            let otlpPort: Int
            let metricsPort: Int

            var state: URL { folder.url.appending(path: "state") }

            init() throws {
                folder = try TemporaryFolder()
                (otlpPort, metricsPort) = (try freePort(), try freePort())
                let rest = "odometer:\n  state:\n    path: \(folder.url.path)/state\n    checkpoint_interval: 1h\n"
                config = try folder.write(
                    TestConfiguration.collector(otlpPort: otlpPort, metricsPort: metricsPort, rest: rest),
                    to: "config.yaml")
            }

            func start() throws -> RunningProgram {
                let program = try RunningProgram(
                    OdometerProgram.path, ["--config=\(config)"], environment: OdometerProgram.environment)
                try program.waitForPorts([otlpPort, metricsPort])
                return program
            }

            func post(_ json: String) throws {
                let reply = try HTTPClient.exchange(
                    port: otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                    body: Array(json.utf8))
                #expect(reply.status == 200)
            }

            func postBoth() throws {
                for (mail, value) in [(ForgetTests.mail, 7), ("bob@example.org", 5)] {
                    try post(TestExport.sum("tokens", value, attributes: ["user.email": mail]))
                    try post(TestExport.sum("cost", value, .cumulative, attributes: ["user.email": mail]))
                }
            }

            func scrape() throws -> ExpositionText {
                try ExpositionText(HTTPClient.exchange(port: metricsPort, "GET", "/metrics").body)
            }

            func value(_ name: String, _ mail: String) throws -> Double? {
                try scrape().samples.first { $0.name == name && $0.labels["user_email"] == mail }?.value
            }

            func forget(_ arguments: String...) throws -> ProgramRun.Result {
                try ProgramRun(["forget", "--config=\(config)"] + arguments).end()
            }

            /// The files of the directory that contain a text.
            func files(holding text: String) throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: state.path).filter { name in
                    let data = try? Data(contentsOf: state.appending(path: name))
                    return data?.range(of: Data(text.utf8)) != nil
                }
            }
        }

        @Test("without --yes matching series are listed, and nothing changes")
        func dryRun() async throws {
            try await blocking {
                let setup = try Setup()
                let first = try setup.start()
                try setup.postBoth()
                #expect(first.stop() == .exited(0))
                let run = try setup.forget(Self.matcher)
                #expect(run.status == 0, "\(run.errors)")
                let lines = run.output.split(separator: "\n").map(String.init)
                try #require(lines.count == 3)
                #expect(lines[0].hasPrefix("cost_total{") && lines[0].hasSuffix(" 7"))
                #expect(lines[1].hasPrefix("tokens_total{") && lines[1].contains(Self.mail))
                #expect(lines[2] == "2 series would be removed; add --yes to remove them.")
                let second = try setup.start()
                #expect(try setup.value("tokens_total", Self.mail) == 7)
                #expect(try setup.value("cost_total", Self.mail) == 7)
                #expect(second.stop() == .exited(0))
            }
        }

        @Test("removed series are in no file, and others keep their totals", arguments: [true, false])
        func stoppedCollector(killed: Bool) async throws {
            try await blocking {
                let setup = try Setup()
                let first = try setup.start()
                try setup.postBoth()
                if killed {
                    // Everything is still in the journal then.
                    first.send(signal: SIGKILL)
                    #expect(first.waitForEnd() == .signaled(SIGKILL))
                } else {
                    #expect(first.stop() == .exited(0))
                }
                #expect(try !setup.files(holding: Self.mail).isEmpty)
                let run = try setup.forget("--yes", Self.matcher)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.hasSuffix("2 series are removed.\n"))
                #expect(try setup.files(holding: Self.mail) == [])
                #expect(try !setup.files(holding: "bob@example.org").isEmpty)
                let second = try setup.start()
                #expect(try setup.value("tokens_total", Self.mail) == nil)
                #expect(try setup.value("tokens_total", "bob@example.org") == 5)
                #expect(try setup.value("cost_total", "bob@example.org") == 5)
                // The client continues: its delta counts, of its cumulative total only the growth.
                try setup.post(TestExport.sum("tokens", 1, time: 20, attributes: ["user.email": Self.mail]))
                try setup.post(TestExport.sum("cost", 9, .cumulative, time: 20, attributes: ["user.email": Self.mail]))
                #expect(try setup.value("tokens_total", Self.mail) == 1)
                #expect(try setup.value("cost_total", Self.mail) == 2)
                #expect(second.stop() == .exited(0))
            }
        }

        @Test("a running collector removes series on request, and continues")
        func runningCollector() async throws {
            try await blocking {
                let setup = try Setup()
                let collector = try setup.start()
                try setup.postBoth()
                let listed = try setup.forget(Self.matcher)
                #expect(listed.status == 0, "\(listed.errors)")
                #expect(listed.output.hasSuffix("2 series would be removed; add --yes to remove them.\n"))
                #expect(try setup.value("tokens_total", Self.mail) == 7)
                let run = try setup.forget("--yes", Self.matcher)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.contains(#"user_email="\#(Self.mail)""#))
                #expect(run.output.hasSuffix("2 series are removed.\n"))
                #expect(try setup.value("tokens_total", Self.mail) == nil)
                #expect(try setup.value("cost_total", "bob@example.org") == 5)
                #expect(try setup.files(holding: Self.mail) == [])
                #expect(!collector.standardError.contains(Self.mail))
                try setup.post(TestExport.sum("cost", 8, .cumulative, time: 20, attributes: ["user.email": Self.mail]))
                #expect(try setup.value("cost_total", Self.mail) == 1)
                let mistake = try setup.forget("--yes", #"nothing="x""#)
                #expect(mistake.output == "0 series are removed.\n")
                #expect(collector.stop() == .exited(0))
            }
        }

        @Test(
            "totals of an exporter that is no longer configured are removed, too, or reported",
            arguments: [true, false])
        func absentExporter(isRunning: Bool) async throws {
            try await blocking {
                let setup = try Setup()
                let first = try setup.start()
                try setup.postBoth()
                #expect(first.stop() == .exited(0))
                let text = try String(contentsOfFile: setup.config, encoding: .utf8)
                let renamed = text.replacing("prometheus", with: "prometheus/new")
                try renamed.write(toFile: setup.config, atomically: true, encoding: .utf8)
                let second = try setup.start()
                if !isRunning { #expect(second.stop() == .exited(0)) }
                let run = try setup.forget("--yes", Self.matcher)
                #expect(run.status == 0, "\(run.errors)")
                if isRunning {
                    #expect(run.output.hasPrefix("the totals of prometheus, which is no longer configured, are not"))
                    #expect(second.stop() == .exited(0))
                } else {
                    #expect(run.output.hasSuffix("2 series are removed.\n"), "\(run.output)")
                    #expect(try setup.files(holding: Self.mail) == [])
                    #expect(try !setup.files(holding: "bob@example.org").isEmpty)
                }
            }
        }

        @Test(
            "an error is one line, and exit 1",
            arguments: [
                (#"{user_email=~"a("}"#, "missing ) in the pattern"),
                (#"{user_email!="x"}"#, "at least one matcher must not match an empty label"),
                ("user_email=x", "expected a value in quotes"),
                (#"job="x""#, "there is no state in"),
            ])
        func mistakes(matcher: String, message: String) async throws {
            try await blocking {
                let run = try Setup().forget(matcher)
                #expect(run.status == 1)
                #expect(run.errors.contains(message), "\(run.errors)")
                #expect(run.output == "")
            }
        }
    }
}
