import OTLP
import Testing

@testable import Exposition

/// The label sets of exemplars (`StreamTranslation.exemplarLabels`).
@Suite struct ExemplarLabelTests {
    private static let trace: [UInt8] =
        [0x5B, 0x8E, 0xFF, 0xF7, 0x98, 0x03, 0x81, 0x03] + [0, 1, 2, 3, 4, 5, 0xAB, 0xCD]
    private static let span: [UInt8] = [0xEE, 0xE1, 0x9B, 0x7E, 0xC3, 0xC1, 0xB1, 0x74]
    private static let ids = #"trace_id="5b8efff798038103000102030405abcd",span_id="eee19b7ec3c1b174""#
    /// Code points of both ids with their names.
    private static let idLength = 8 + 32 + 7 + 16

    private func labels(
        trace: [UInt8] = trace, span: [UInt8] = span, _ attributes: [Attribute] = []
    ) -> String {
        let rendered = trace.withUnsafeBytes { trace in
            span.withUnsafeBytes { span in
                PrometheusTranslation().exemplarLabels(traceID: trace, spanID: span, attributes: attributes)
            }
        }
        return String(decoding: rendered, as: UTF8.self)
    }

    @Test("R-EX-01 the ids are labels in lower-case hex, trace before span, each if known")
    func idsAreHexadecimal() {
        #expect(labels() == Self.ids)
        #expect(labels(span: []) == #"trace_id="5b8efff798038103000102030405abcd""#)
        #expect(labels(trace: []) == #"span_id="eee19b7ec3c1b174""#)
        #expect(labels(trace: [], span: []) == "")
    }

    @Test("R-EX-01 R-EX-02 an id replaces attributes of its name, which are shown without it")
    func idsTakePrecedence() {
        let attributes = [
            Attribute("k", "v"), Attribute("span.id", "mine"), Attribute("span_id", "mine"),
            Attribute("trace_id", "mine"),
        ]
        #expect(labels(attributes) == Self.ids + #",k="v""#)
        #expect(labels(span: [], attributes).hasSuffix(#",k="v",span_id="mine;mine""#))
        #expect(labels(trace: [], attributes) == #"span_id="eee19b7ec3c1b174",k="v",trace_id="mine""#)
    }

    @Test("R-EX-02 filtered attributes follow the ids, sorted by label, joined if they collide, escaped")
    func attributesFollow() {
        let attributes = [
            Attribute("", "x"), Attribute("1", "digit"), Attribute("a.b", "1"), Attribute("a_b", "2"),
            Attribute("empty", ""), Attribute("n", .int(7)), Attribute("q", "\"\\\n"),
        ]
        #expect(labels(attributes) == Self.ids + #",a_b="1;2",key_1="digit",n="7",q="'\\\n""#)
    }

    @Test(
        "R-EX-02 R-OM-21 up to 128 code points of names and values all attributes are shown, beyond it none",
        arguments: ["x", "é", "😀", "\\"])
    func lengthIsLimited(character: String) {
        let room = 128 - Self.idLength - "ab".utf8.count - "1".utf8.count
        let fitting = String(repeating: character, count: room)
        let escaped = fitting.replacing("\\", with: #"\\"#)
        #expect(
            labels([Attribute("a", "1"), Attribute("b", fitting)]) == Self.ids + #",a="1",b="\#(escaped)""#)
        #expect(labels([Attribute("a", "1"), Attribute("b", fitting + character)]) == Self.ids)
        let alone = String(repeating: character, count: 127)
        #expect(labels(trace: [], span: [], [Attribute("b", alone + character)]) == "")
        #expect(labels(trace: [], span: [], [Attribute("b", alone)]).hasPrefix("b="))
    }

    @Test("R-EX-02 characters that readers of exemplars cannot parse are replaced in any attribute")
    func unreadableCharacters() {
        for (value, shown) in [
            ("a\0b", "a\u{FFFD}b"), ("\0", "\u{FFFD}"), ("say \"no\"", "say 'no'"), ("\"", "'"), ("a\\\"}", "a\\\\'}"),
        ] {
            #expect(labels(trace: [], span: [], [Attribute("k", value)]) == "k=\"\(shown)\"")
        }
        #expect(labels(trace: [], span: [], [Attribute("n\0l", .array([.text("\0")]))]) == #"n_l="['\\u0000']""#)
        // A NUL is replaced by one character.
        let fitting = String(repeating: "\0", count: 127)
        #expect(labels(trace: [], span: [], [Attribute("k", fitting)]).unicodeScalars.count == 127 + 4)
        #expect(labels(trace: [], span: [], [Attribute("k", fitting + "\0")]) == "")
    }

    @Test("R-EX-02 very many attributes take bounded time", .timeLimit(.minutes(1)))
    func manyAttributes() {
        #expect(labels((0..<100_000).map { Attribute("a\($0)", "v") }) == Self.ids)
    }
}
