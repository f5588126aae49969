import Foundation
import Testing

extension ProcessTests {
    /// `odometer forget` and queued records.
    @Suite struct ForgetRecordsTests {
        private static let mail = "ada.lovelace@example.org"
        private static let matcher = #"user_email="ada.lovelace@example.org""#

        private static func logs(_ mails: [String]) -> String {
            let records = mails.map {
                #"{"body":{"stringValue":"a prompt of \#($0)"},"attributes":[{"key":"user.email","value":{"stringValue":"\#($0)"}}]}"#
            }
            return
                #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"code"}}]},"#
                + #""scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#
        }

        private struct Setup {
            let setup: LokiSetup

            init() throws { setup = try LokiSetup() }

            var backendPort: Int { setup.backendPort }

            func start() throws -> RunningProgram { try setup.start() }

            func post(_ mails: [String]) throws {
                let reply = try HTTPClient.exchange(
                    port: setup.otlpPort, "POST", "/v1/logs", headers: [("Content-Type", "application/json")],
                    body: Array(ForgetRecordsTests.logs(mails).utf8))
                #expect(reply.status == 200)
            }

            func forget(_ arguments: String...) throws -> ProgramRun.Result {
                try setup.forget(arguments)
            }

            /// The files of the state directory that hold the mail address.
            func files() throws -> [String] {
                let state = setup.stateFolder
                return try FileManager.default.contentsOfDirectory(atPath: state.path).filter { name in
                    let data = try? Data(contentsOf: state.appending(path: name))
                    return data?.range(of: Data(ForgetRecordsTests.mail.utf8)) != nil
                }
            }
        }

        @Test(
            "queued records of a person are removed from disk and never sent; others arrive",
            arguments: [true, false])
        func recordsAreForgotten(isRunning: Bool) async throws {
            let setup = try Setup()
            try await blocking {
                let first = try setup.start()
                for mails in [[Self.mail, "bob"], [Self.mail], ["eve"]] { try setup.post(mails) }
                if !isRunning { #expect(first.stop() == .exited(0)) }
                #expect(try !setup.files().isEmpty)
                let listed = try setup.forget(Self.matcher)
                #expect(listed.status == 0, "\(listed.errors)")
                #expect(
                    listed.output == """
                        2 records in 2 exports queued for otlphttp/loki would be removed
                        0 series would be removed; add --yes to remove them.

                        """)
                #expect(try !setup.files().isEmpty)
                let named = try setup.forget("--yes", "name{\(Self.matcher)}")
                #expect(named.output == "0 series are removed.\n", "\(named.errors)")
                let run = try setup.forget("--yes", Self.matcher)
                #expect(
                    run.output.hasPrefix("2 records in 2 exports queued for otlphttp/loki are removed\n"),
                    "\(run.output) \(run.errors)")
                #expect(try setup.files() == [])
                if isRunning { #expect(first.stop() == .exited(0)) }
            }
            let backend = try await BackendStandIn.start(port: setup.backendPort)
            try await blocking {
                let second = try setup.start()
                #expect(wait(within: .seconds(20)) { backend.taken.count == 2 })
                #expect(second.stop() == .exited(0))
            }
            let texts = try backend.taken.map { String(decoding: try $0.content, as: UTF8.self) }
            #expect(
                texts.contains { $0.contains("a prompt of bob") } && texts.contains { $0.contains("a prompt of eve") })
            #expect(!texts.contains { $0.contains(Self.mail) })
            try await backend.stop()
        }
    }
}
