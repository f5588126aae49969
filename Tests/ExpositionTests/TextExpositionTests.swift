import OTLP
import Series
import Testing

@testable import Exposition

@Suite struct TextExpositionTests {
    /// A snapshot with all features of the format.
    static let varied = SeriesSnapshot(families: [
        FamilySnapshot(
            "a_total", .counter, help: "two\nlines, a back\\slash and \"quotes\"",
            samples: [("", .int(1)), (#"k="v""#, .int(.max)), (#"k="w\\x\"y\nz""#, .double(0.1))]),
        FamilySnapshot("b", help: "", samples: [(#"job="svc""#, .double(.nan)), (#"job="swc""#, .double(-.infinity))]),
        FamilySnapshot("empty", help: "no series left", samples: []),
        FamilySnapshot("c_e", help: "café  ", samples: [("", .double(-0.0))]),
    ])

    static let variedText = """
        # HELP a_total two\\nlines, a back\\\\slash and "quotes"
        # TYPE a_total counter
        a_total 1
        a_total{k="v"} 9223372036854775807
        a_total{k="w\\\\x\\"y\\nz"} 0.1
        # HELP b\(" ")
        # TYPE b gauge
        b{job="svc"} NaN
        b{job="swc"} -Inf
        # HELP c_e café\("  ")
        # TYPE c_e gauge
        c_e 0

        """

    @Test("R-TXT-02 R-TXT-03 R-TXT-04 R-TXT-09 a whole page, line by line")
    func wholeExposition() {
        #expect(String(decoding: text(of: Self.varied), as: UTF8.self) == Self.variedText)
    }

    @Test("the text is the same with any piece size", arguments: 1...400)
    func pieceSizeDoesNotMatter(size: Int) {
        #expect(String(decoding: text(of: Self.varied, pieceSize: size), as: UTF8.self) == Self.variedText)
    }

    @Test("a piece ends at the end of a line if the next line would not fit")
    func piecesAreWholeLines() {
        var exposition = TextExposition(Self.varied)
        var piece = [UInt8](repeating: 0, count: 200)
        var pieces = 0
        while case let count = piece.withUnsafeMutableBytes({ exposition.write(into: $0) }), count > 0 {
            #expect(piece[count - 1] == UInt8(ascii: "\n"))
            pieces += 1
        }
        #expect(pieces > 1)
    }

    @Test("an empty snapshot gives nothing, and nothing follows the end")
    func emptySnapshot() {
        for snapshot in [SeriesSnapshot(), SeriesSnapshot(families: [FamilySnapshot("empty", samples: [])])] {
            var exposition = TextExposition(snapshot)
            var piece = [UInt8](repeating: 0, count: 100)
            for _ in 0..<3 {
                #expect(piece.withUnsafeMutableBytes { exposition.write(into: $0) } == 0)
            }
        }
    }

    @Test("R-NAME-13 R-TXT-03 the description is HELP, also if empty; carriage returns and spaces stay")
    func help() {
        for (help, line) in [
            ("plain", "plain"), ("", ""), ("two\nlines", "two\\nlines"),
            ("back\\slash and \"quotes\"", "back\\\\slash and \"quotes\""), ("café", "café"),
            ("  spaces  ", "  spaces  "),
            ("cr\r\nlf", "cr\r\\nlf"), ("\n\\", "\\n\\\\"),
        ] {
            let snapshot = SeriesSnapshot(families: [FamilySnapshot("m", help: help, samples: [("", .int(1))])])
            let expected = "# HELP m \(line)\n# TYPE m gauge\nm 1\n"
            #expect(text(of: snapshot) == Array(expected.utf8))
            #expect(text(of: snapshot, pieceSize: 3) == Array(expected.utf8))
        }
    }

    @Test("R-TXT-07 the family name of a counter includes total in HELP and TYPE")
    func counterFamilyName() throws {
        let stream = StreamIdentity(MetricIdentity("c", unit: "s", .counter))
        let snapshot = try SeriesSnapshot([(stream, .int(5))], help: "h", translation: PrometheusTranslation())
        #expect(
            String(decoding: text(of: snapshot), as: UTF8.self)
                == "# HELP c_seconds_total h\n# TYPE c_seconds_total counter\nc_seconds_total 5\n")
    }

    @Test("R-TXT-10 R-TXT-11 families and samples are in the order of the snapshot, each once")
    func orderIsTheSnapshots() throws {
        let snapshot = SeriesSnapshot(
            families: (0..<50).map { family in
                FamilySnapshot(
                    "f\(100 + family)", samples: (0..<20).map { (#"k="\#(100 + $0)""#, .int(Int64(family * 20 + $0))) })
            })
        let parsed = try ParsedExposition(text(of: snapshot, pieceSize: 777))
        #expect(parsed.families.map(\.name) == (0..<50).map { "f\(100 + $0)" })
        #expect(parsed.families.flatMap(\.samples).map(\.value) == (0..<1000).map { Double($0) })
        #expect(parsed.families.flatMap(\.samples).map { $0.labels["k"] } == (0..<1000).map { "\(100 + $0 % 20)" })
    }

    @Test("a line longer than a piece is split without loss")
    func longLines() {
        let label = String(repeating: "x", count: 100_000)
        let help = String(repeating: "\n", count: 50_000)
        let snapshot = SeriesSnapshot(families: [
            FamilySnapshot("m", help: help, samples: [("a=\"\(label)\"", .int(1)), ("b=\"\(label)\"", .double(0.5))])
        ])
        let expected =
            "# HELP m \(String(repeating: "\\n", count: 50_000))\n# TYPE m gauge\n"
            + "m{a=\"\(label)\"} 1\nm{b=\"\(label)\"} 0.5\n"
        for size in [1000, 65_536, 150_000, 1_000_000] {
            #expect(text(of: snapshot, pieceSize: size) == Array(expected.utf8))
        }
    }

    @Test("R-NAME-16 R-LAB-08 R-LAB-10 a Claude Code session looks as dashboards expect")
    func claudeCodeSession() throws {
        let resource = [
            Attribute("host.arch", "amd64"), Attribute("os.type", "linux"), Attribute("os.version", "6.1.0"),
            Attribute("service.name", "claude-code"), Attribute("service.version", "2.0.14"),
        ]
        let common = [
            Attribute("user.id", "2f1e8a9c"), Attribute("session.id", "5a1f1c7e"), Attribute("terminal.type", "vscode"),
            Attribute("user.email", "dev@example.com"),
        ]
        func stream(_ name: String, unit: String = "", _ own: [Attribute] = []) -> StreamIdentity {
            StreamIdentity(
                MetricIdentity(name, unit: unit, .counter), common + own, resource: resource,
                scope: Scope("com.anthropic.claude_code", version: "2.0.14"))
        }
        let snapshot = try SeriesSnapshot(
            [
                (stream("claude_code.token.usage", unit: "tokens", [Attribute("type", "output")]), .double(22)),
                (stream("claude_code.token.usage", unit: "tokens", [Attribute("type", "cacheRead")]), .double(3300)),
                (
                    stream("claude_code.cost.usage", unit: "USD", [Attribute("model", "claude-sonnet-4-5")]),
                    .double(0.0369)
                ),
                (stream("claude_code.active_time.total", unit: "s", [Attribute("type", "user")]), .double(4.5)),
            ], help: "As it says", translation: PrometheusTranslation())
        let scope = #"otel_scope_name="com.anthropic.claude_code",otel_scope_version="2.0.14",session_id="5a1f1c7e","#
        let user = #"user_email="dev@example.com",user_id="2f1e8a9c"}"#
        let time = "claude_code_active_time_seconds_total"
        let cost = "claude_code_cost_usage_USD_total"
        let tokens = "claude_code_token_usage_tokens_total"
        #expect(
            String(decoding: text(of: snapshot), as: UTF8.self) == """
                # HELP \(time) As it says
                # TYPE \(time) counter
                \(time){job="claude-code",\(scope)terminal_type="vscode",type="user",\(user) 4.5
                # HELP \(cost) As it says
                # TYPE \(cost) counter
                \(cost){job="claude-code",model="claude-sonnet-4-5",\(scope)terminal_type="vscode",\(user) 0.0369
                # HELP \(tokens) As it says
                # TYPE \(tokens) counter
                \(tokens){job="claude-code",\(scope)terminal_type="vscode",type="cacheRead",\(user) 3300
                \(tokens){job="claude-code",\(scope)terminal_type="vscode",type="output",\(user) 22

                """)
    }
}
