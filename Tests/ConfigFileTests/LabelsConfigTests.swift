import Settings
import Testing

@testable import ConfigFile

/// `odometer.labels`.
@Suite struct LabelsConfigTests {
    private typealias Rule = LabelRule

    private func labels(_ block: String) throws -> LabelsConfig {
        let text = "odometer:\n  labels:\n" + block.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try ConfigLoader.load(files: ["env:TEXT"]) { ["TEXT": text][$0] }.labels
    }

    @Test("without the block all labels are shown unchanged")
    func defaults() throws {
        let labels = try ConfigLoader.load(files: []) { _ in nil }.labels
        #expect(labels == LabelsConfig())
        #expect(labels.rules.isEmpty && labels.user.isEmpty && !labels.hashes)
    }

    @Test("names precede patterns, longer patterns shorter ones, and all precede presets")
    func order() throws {
        let labels = try labels(
            """
            preset: [private, team]
            drop: ["*", user_*]
            hash: [user_id, "user_e*"]
            keep: [model, session_id]
            """)
        #expect(
            labels.rules == [
                Rule(label: "session_id", action: .keep), Rule(label: "user_id", action: .hash),
                Rule(label: "model", action: .keep), Rule(label: "user_e*", action: .hash),
                Rule(label: "user_*", action: .drop), Rule(label: "*", action: .drop),
                Rule(label: "*mail*", action: .hash), Rule(label: "session_id", action: .drop),
            ])
        #expect(labels.hashes)
    }

    @Test("the preset private hashes mail addresses; team leaves session ids out and adds users")
    func presets() throws {
        let secret = try labels("preset: private")
        #expect(secret.rules == [Rule(label: "*mail*", action: .hash)])
        #expect(secret.user.isEmpty)
        #expect(secret.hashes)
        let team = try labels("preset: team")
        #expect(team.rules == [Rule(label: "session_id", action: .drop)])
        #expect(team.user == ["user.email", "user.account_id", "user.account_uuid", "user.id"])
        #expect(!team.hashes)
    }

    @Test(
        "the label user is configured with true, or with attributes",
        arguments: [
            ("user: true", UserAttributes.all), ("user: false", []), ("user: [team.member]", ["team.member"]),
            ("preset: team\nuser: false", []), ("preset: team\nuser: [user.id]", ["user.id"]), ("user:", []),
        ])
    func user(block: String, expected: [String]) throws {
        #expect(try labels(block).user == expected)
    }

    @Test func saltIsRead() throws {
        #expect(try labels("salt: 0123456789abcdef").salt == "0123456789abcdef")
    }

    @Test("the block applies to all exporters")
    func allExporters() throws {
        let text = """
            receivers: {otlp: {protocols: {http: {}}}}
            exporters: {prometheus: {endpoint: "localhost:1"}, prometheus/b: {endpoint: "localhost:2"}}
            service: {pipelines: {metrics: {receivers: [otlp], exporters: [prometheus, prometheus/b]}}}
            odometer: {labels: {drop: [a]}}
            """
        let config = try ConfigLoader.load(files: ["env:TEXT"]) { ["TEXT": text][$0] }
        #expect(config.prometheus.map(\.labels.rules) == Array(repeating: [Rule(label: "a", action: .drop)], count: 2))
    }
}
