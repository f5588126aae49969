import Foundation
import Testing

@testable import OTLP

/// The syntax of JSON (RFC 8259).
struct JSONTextTests {
    @Test(
        "R-JSON-17 half a surrogate pair, as from a text cut within a character, is replaced",
        arguments: [
            (#"\ud834"#, "�"), (#"\udd1e"#, "�"), (#"\ud834x"#, "�x"), (#"\ud834\n"#, "�\n"), (#"\ud834\u0041"#, "�A"),
            (#"\ud834\ud834"#, "��"), (#"\udd1e\ud834"#, "��"), (#"\ud834\ud834\udd1e"#, "�𝄞"),
        ])
    func halfASurrogatePairIsReplaced(text: String, meaning: String) throws {
        #expect(try decodeMetric(#"{"name":"\#(text)"}"#)?.name == meaning)
        for body in placesOfText(Array(text.utf8)).dropLast(2) { _ = try decodeJSON(body) }
    }

    @Test(
        "R-JSON-17 the text after half a surrogate pair is checked",
        arguments: [#"\ud834\u12"#, #"\ud834\x"#, #"\ud834\"#])
    func whatFollowsHalfAPairIsChecked(text: String) {
        for body in placesOfText(Array(text.utf8)) { expectMalformed(try decodeJSON(body), "\(text)") }
    }

    @Test(
        "R-JSON-17 other escapes are malformed",
        arguments: [
            #"\x41"#, #"\u12"#, #"\u12g4"#, #"\U0041"#, #"\'"#, #"\0"#, #"\"#, #"\u"#, #"\u+123"#, #"\u 123"#,
        ])
    func otherEscapesAreMalformed(text: String) {
        for body in placesOfText(Array(text.utf8)) { expectMalformed(try decodeJSON(body), "\(text)") }
    }

    @Test("R-JSON-17 control characters must be escaped")
    func controlCharactersAreMalformed() {
        for byte in UInt8(0)..<0x20 {
            for body in placesOfText([0x61, byte, 0x62]) { expectMalformed(try decodeJSON(body), "\(byte)") }
        }
    }

    @Test("R-JSON-17 every ASCII character except quote and backslash is literal")
    func plainCharactersAreAccepted() throws {
        for byte in UInt8(0x20)..<0x80 where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
            // At each position in a word of eight bytes.
            for place in 0..<9 {
                var text = [UInt8](repeating: 0x61, count: 9)
                text[place] = byte
                let name = try decodeJSON(
                    Array(#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":""#.utf8) + text
                        + Array(#""}]}]}]}"#.utf8)
                ).metrics[0].name
                #expect(Array(name.utf8) == text)
            }
        }
    }

    @Test(
        "R-JSON-17 text that is not UTF-8 is malformed everywhere",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x28, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xC3, 0xA9, 0xA9],
        ] as [[UInt8]])
    func invalidUTF8IsMalformed(text: [UInt8]) {
        for body in placesOfText(text) { expectMalformed(try decodeJSON(body), "\(text)") }
    }

    @Test("R-JSON-17 UTF-8 is checked as the standard library does, for every lead and second byte")
    func utf8IsCheckedLikeTheStandardLibrary() throws {
        for lead in UInt8(0x80)...0xFF {
            for second in UInt8(0x7E)...0xFF {
                for length in 2...4 {
                    let text = [lead, second] + [UInt8](repeating: 0x80, count: length - 2)
                    let isValid = String(validating: text, as: UTF8.self) != nil
                    let body = Array("{\"x\":\"".utf8) + text + Array("\"}".utf8)
                    #expect(((try? decodeJSON(body)) != nil) == isValid, "\(text)")
                }
            }
        }
    }

    @Test(
        "R-JSON-18 a byte order mark, anything after the end and anything but an object are malformed",
        arguments: [
            "", " ", "\u{FEFF}{}", "{} {}", "{}x", "{},", "{}\u{0}", "{}]", "null", "[]", "1", #""x""#, "true",
            "not json",
            "{", "}", "{'a':1}", #"{"resourceMetrics":[],}"#, #"{"resourceMetrics":[,]}"#,
            #"{"resourceMetrics":[{},]}"#,
            #"{,"a":1}"#, #"{"a"}"#, #"{"a":}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a":[1 2]}"#, #"{"a":[}]"#,
            #"{"a":{]}"#,
            #"{"a":1}}"#, "{a:1}", #"{"a":nul}"#, #"{"a":nulll}"#, #"{"a":// c"# + "\n1}", "\u{A0}{}", "{\u{B}}",
            "{\u{C}}",
            #"{"a":01}"#, #"{"a":1.}"#, #"{"a":.1}"#, #"{"a":+1}"#, #"{"a":1e}"#, #"{"a":1e+}"#, #"{"a":-}"#,
            #"{"a":--1}"#,
            #"{"a":0x1}"#, #"{"a":NaN}"#, #"{"a":Infinity}"#, #"{"a":1.2.3}"#, #"{"a":-01}"#, #"{"a":TRUE}"#, #"{1:1}"#,
            #"{null:1}"#, #"{"a":"#, #"{"a":"x"#, #"{"a"#, #"{"a":[1,]}"#, #"{"a":[1}"#,
        ])
    func whatIsNoRequestIsMalformed(body: String) {
        expectMalformed(try decodeJSON(body))
    }

    @Test(
        "R-JSON-18 white space may stand between all tokens",
        arguments: [
            "{}", " {} ", "\t\r\n {\n}\r\n\t",
            #" { "resourceMetrics" : [ { "scopeMetrics" : [ ] , "x" : [ 1 , 2 ] } ] } "#,
        ])
    func whiteSpaceIsAccepted(body: String) throws {
        #expect(try decodeJSON(body).metrics.isEmpty)
    }

    @Test(
        "a value of the wrong kind in the envelope, or in the only metric's own fields, is malformed",
        arguments: [
            #"{"resourceMetrics":1}"#, #"{"resourceMetrics":{}}"#, #"{"resourceMetrics":[1]}"#,
            #"{"resourceMetrics":[[]]}"#,
            #"{"resourceMetrics":[{"resource":[]}]}"#, #"{"resourceMetrics":[{"resource":"r"}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":{}}]}"#, #"{"resourceMetrics":[{"scopeMetrics":[[]]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":[]}]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":{}}]}]}"#,
            export("1"), export(#"{"name":5}"#), export(#"{"name":{}}"#), export(#"{"unit":true}"#),
            export(#"{"description":[]}"#), export(#"{"gauge":[]}"#), export(#"{"sum":1}"#),
            export(#"{"gauge":{"dataPoints":{}}}"#),
        ])
    func wrongKindIsMalformed(body: String) {
        expectMalformed(try decodeJSON(body))
    }

    @Test("malformed JSON is reported with its position, without the text")
    func failureTellsThePlace() {
        #expect(throws: DecodingFailure.malformed("JSON, byte 7: the number is not a valid JSON number")) {
            try decodeJSON(#"{"a":01,"secret":1}"#)
        }
        #expect(throws: DecodingFailure.malformed("JSON, byte 0: there is no text")) { try decodeJSON("") }
        #expect(throws: DecodingFailure.malformed("JSON, byte 4: the text ends too early")) { try decodeJSON(#"{"a""#) }
    }

    @Test("every prefix of an export is malformed", arguments: JSONSamples.all)
    func everyBeginningIsMalformed(sample: String) throws {
        let bytes = Array(sample.utf8)
        _ = try decodeJSON(bytes)
        let guarded = GuardedBytes(capacity: bytes.count)
        for count in 0..<bytes.count {
            expectMalformed(
                try guarded.withCopy(of: Array(bytes[..<count])) { raw in
                    var batch = MetricsBatch()
                    try batch.decode(raw, as: .json)
                }, "\(count) bytes")
        }
    }

    /// Exports with `text` between quotes: as a name, a key, in attributes, in skipped fields, short and long.
    private func placesOfText(_ text: [UInt8]) -> [[UInt8]] {
        let places = [
            export(#"{"name":"?"}"#), #"{"?":1}"#, #"{"x":"?"}"#, #"{"x":["abcdefgh?","b"]}"#,
            #"{"x":{"abcdefghi?":1}}"#,
            export(#"{"gauge":{"dataPoints":[{"attributes":[{"key":"?","value":{"stringValue":"v"}}]}]}}"#),
            export(#"{"gauge":{"dataPoints":[{"attributes":[{"key":"k","value":{"stringValue":"abcdefghijkl?"}}]}]}}"#),
            export(#"{"gauge":{"dataPoints":[{"asDouble":"?"}]}}"#),
            export(#"{"gauge":{"dataPoints":[{"asInt":"?"}]}}"#),
        ]
        return places.map { place in
            let parts = place.split(separator: "?", maxSplits: 1).map { Array($0.utf8) }
            return parts[0] + text + parts[1]
        }
    }
}
