import Foundation
import Testing

extension ProcessTests {
    /// `odometer.labels` with recorded sessions, on the page of the whole program.
    @Suite struct LabelPolicyPageTests {
        /// The attributes of the built-in label `user`, in order.
        private static let userKeys = ["user.email", "user.account_id", "user.account_uuid", "user.id"]
        private static let claudeCaptures = CaptureFixture.names.filter { !$0.hasPrefix("python-sdk") }
        private static let team = "  labels: {preset: team}\n"
        private static let secret = "  labels: {preset: [private, team]}\n"

        /// The labels of a counter that the preset shows, with the label `user`.
        private static func shown(_ attributes: [String: JSONValue]) -> [String: String] {
            var labels = CaptureFixture.labels(of: attributes.filter { $0.key != "session.id" && $0.key != "user" })
            for key in userKeys.reversed() {
                if case .string(let text)? = attributes[key], !text.isEmpty { labels["user"] = text }
            }
            return labels
        }

        /// True totals of counters under the preset, by stem of their names and by labels.
        private static func truth(_ capture: CaptureFixture) -> [String: Double] {
            var totals: [String: Double] = [:]
            for total in capture.expected {
                let labels = shown(total.attributes).filter { !CaptureFixture.isAdded($0.key) }
                totals["\(CaptureFixture.stem(of: total.name)) \(text(labels))", default: 0] += total.total
            }
            return totals
        }

        private static func text(_ labels: [String: String]) -> String {
            labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }

        /// The same of a page.
        private static func totals(
            _ page: ExpositionText, stems: Set<String>, isNamed: (String) -> Bool = { _ in true }
        ) -> [String: Double] {
            var totals: [String: Double] = [:]
            for sample in page.samples where sample.name.hasSuffix("_total") {
                guard let stem = stems.first(where: { sample.name.hasPrefix($0 + "_") }) else { continue }
                let labels = sample.labels.filter { key, _ in !CaptureFixture.isAdded(key) && isNamed(key) }
                totals["\(stem) \(text(labels))", default: 0] += sample.value
            }
            return totals
        }

        private static func stems(_ totals: [String: Double]) -> Set<String> {
            Set(totals.keys.compactMap { $0.split(separator: " ").first.map(String.init) })
        }

        @Test("the preset team shows exact totals by user, without sessions", arguments: claudeCaptures)
        func teamTotalsAreExact(name: String) async throws {
            let capture = try CaptureFixture(name)
            let expected = Self.truth(capture)
            try #require(!expected.isEmpty)
            try await AppInProcess.run(TestConfiguration.collector(rest: "odometer:\n" + Self.team)) {
                collector in
                let client = try collector.connect()
                for export in try capture.metricsExports + capture.metricsExports {
                    #expect(try client.exchange(export).status == 200)
                }
                let page = try collector.scrape()
                #expect(!page.samples.contains { $0.labels["session_id"] != nil })
                let totals = Self.totals(page, stems: Self.stems(expected))
                #expect(Set(totals.keys) == Set(expected.keys))
                for (key, value) in expected {
                    #expect(abs((totals[key] ?? 0) - value) <= 1e-9 * max(1, value), "\(key)")
                }
            }
        }

        @Test("adding and removing a policy loses and doubles nothing")
        func policyChanges() async throws {
            let capture = try CaptureFixture("session-pb-delta")
            let exports = try capture.metricsExports
            try await blocking {
                let program = try StatefulProgram(rest: "")
                let plain = try String(contentsOfFile: program.configuration, encoding: .utf8)
                func configure(_ block: String) throws {
                    try plain.replacing("odometer:\n", with: "odometer:\n" + block)
                        .write(toFile: program.configuration, atomically: true, encoding: .utf8)
                }
                func byUser() throws -> [String: Double] {
                    let stems = Self.stems(Self.truth(capture))
                    return Self.totals(try program.samples(), stems: stems) {
                        !["session_id", "user"].contains($0)
                    }
                }
                try program.start()
                let half = exports.count / 2
                for export in exports[..<half] { try program.send(export) }
                let shown = try byUser()
                #expect(!shown.isEmpty)
                try configure(Self.team)
                try program.restart(SIGTERM)
                #expect(try byUser() == shown)
                #expect(!(try program.samples().samples.contains { $0.labels["session_id"] != nil }))
                // Exports counted under the other policy are recognised as duplicates.
                for export in exports { try program.send(export) }
                let all = try byUser()
                let users = try program.samples().samples.filter { $0.labels["user"] != nil }
                #expect(!users.isEmpty)
                try configure("")
                try program.restart(SIGKILL)
                #expect(try byUser() == all)
                #expect(capture.differences(from: try program.samples().samples) == [])
                try program.end(SIGTERM)
            }
        }

        /// Recorded exports of a logged-in user: the mail address replaces the number in the recordings.
        private static func exportsWithMail() throws -> [HTTPExport] {
            try ["json-delta", "session-json-cumulative"].flatMap { name in
                try CaptureFixture(name).exports { !$0.contains("traces") }.map { export in
                    var export = export
                    let text = String(decoding: export.body, as: UTF8.self)
                        .replacing("\"key\":\"user.id\"", with: "\"key\":\"user.email\"")
                        .replacing(/"stringValue":"[0-9a-f]{64}"/, with: "\"stringValue\":\"\(name)@example.org\"")
                    export.body = Array(text.utf8)
                    return export
                }
            }
        }

        @Test("the preset private shows no mail address of the captures, in any format, also of events")
        func noMailIsShown() async throws {
            try await blocking {
                var mails: Set<String> = []
                var pages: [String] = []
                let program = try StatefulProgram(isTakingLogs: true)
                let plain = try String(contentsOfFile: program.configuration, encoding: .utf8)
                func configure(_ block: String) throws {
                    try plain.replacing("odometer:\n", with: "odometer:\n" + block)
                        .write(toFile: program.configuration, atomically: true, encoding: .utf8)
                }
                try program.start()
                for export in try Self.exportsWithMail() { try program.send(export) }
                let open = try program.scrape().text
                for match in open.matches(of: /[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+/) { mails.insert(String(match.output)) }
                try configure(Self.secret)
                try program.restart(SIGTERM)
                for export in try Self.exportsWithMail() { try program.send(export) }
                for name in Self.claudeCaptures {
                    for export in try CaptureFixture(name).exports(where: { !$0.contains("traces") }) {
                        try program.send(export)
                    }
                }
                for accept in AcceptHeader.all { pages.append(try program.scrape(accept: accept).text) }
                // Users are distinct, and the same in metrics and events.
                let samples = try program.samples().samples
                let users = { (prefix: String) in
                    Set(samples.filter { $0.name.hasPrefix(prefix) }.compactMap { $0.labels["user"] })
                }
                let ofMetrics = users("claude_code_cost_usage")
                let ofEvents = users("claude_code_api_requests")
                #expect(!ofMetrics.isEmpty)
                #expect(ofEvents.isSubset(of: ofMetrics), "\(ofEvents) \(ofMetrics)")
                #expect(!ofEvents.isEmpty)
                // The same after another restart: the secret is kept.
                try program.restart(SIGKILL)
                let later = Set(try program.samples().samples.compactMap { $0.labels["user"] })
                #expect(ofMetrics.isSubset(of: later))
                try program.end(SIGTERM)
                #expect(mails.count == 2)
                #expect(!pages[0].contains("@"))
                for page in pages {
                    #expect(page.utf8.count > 1000)
                    for mail in mails { #expect(!page.contains(mail)) }
                }
            }
        }

        @Test("a salt gives the same hashes everywhere; without state and salt they last as long as the process")
        func salts() async throws {
            let export = TestExport.labelled
            func user(_ labels: String) async throws -> String? {
                try await AppInProcess.run(
                    TestConfiguration.collector(rest: "odometer:\n  labels: {\(labels)}\n")
                ) { collector in
                    _ = try collector.post(export)
                    return try collector.scrape().samples.compactMap { $0.labels["user_email"] }.first
                }
            }
            let salted = "hash: [user_email], salt: 0123456789abcdef"
            #expect(try await user(salted) == "c8b9adc27ca0fc81")
            #expect(try await user(salted) == "c8b9adc27ca0fc81")
            let first = try await user("hash: [user_email]")
            #expect(first?.count == 16)
            #expect(try await user("hash: [user_email]") != first)
        }

        @Test("forget matches labels as shown, also hashed ones")
        func forgetMatchesShownLabels() async throws {
            try await blocking {
                let program = try StatefulProgram(rest: "  labels: {preset: private}\n")
                try program.start()
                #expect(try program.post(TestExport.labelled).status == 200)
                let shown = try #require(try program.samples().samples.compactMap { $0.labels["user_email"] }.first)
                #expect(shown.count == 16)
                try program.end(SIGTERM)
                let forget = { (mail: String) in
                    try RunningProgram(
                        OdometerProgram.path, ["forget"] + program.arguments + ["user_email=\"\(mail)\""],
                        environment: OdometerProgram.environment, directory: program.folder.url.path)
                }
                let none = try forget("a@b.c")
                #expect(none.waitForEnd() == .exited(0))
                #expect(none.standardOutput.contains("0 series would be removed"))
                let some = try forget(shown)
                #expect(some.waitForEnd() == .exited(0))
                #expect(some.standardOutput.contains("1 series would be removed"), "\(some.standardOutput)")
            }
        }

        @Test("validate lists the rules of labels")
        func policyIsTold() async throws {
            try await blocking {
                let folder = try TemporaryFolder()
                let file = try folder.write(
                    "odometer:\n  labels: {preset: [private, team], drop: [\"host_*\"], keep: [host_name]}\n",
                    to: "config.yaml")
                let program = try RunningProgram(
                    OdometerProgram.path, ["validate", "--config=\(file)"], environment: OdometerProgram.environment,
                    directory: folder.url.path)
                #expect(program.waitForEnd() == .exited(0))
                #expect(
                    program.standardOutput.contains(
                        """
                        labels     host_name: shown
                                   host_*: left out
                                   *mail*: shown as a hash
                                   session_id: left out
                                   user: the first of user.email, user.account_id, user.account_uuid, user.id
                                   hashes use a secret in the state directory
                        """), "\(program.standardOutput)")
            }
        }
    }
}

extension TestExport {
    /// A counter with a mail address.
    fileprivate static let labelled = """
        {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"c","sum":{"aggregationTemporality":1,\
        "isMonotonic":true,"dataPoints":[{"asInt":"1","timeUnixNano":"1700000000000000000","attributes":[\
        {"key":"user.email","value":{"stringValue":"a@b.c"}}]}]}}]}]}]}
        """
}
