import OTLP
import Testing

@testable import Exposition

/// Expected texts are those of the Collector 0.156, if it has any.
@Suite struct AttributeTextTests {
    private func text(_ value: AttributeValue) -> String {
        var text: [UInt8] = []
        AttributeText.append(value, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test(
        "R-LAB-01 every type of value has its text",
        arguments: [
            (.empty, ""), (.text(""), ""), (.text("text"), "text"), (.text("[\"\\n"), "[\"\\n"), (.bool(true), "true"),
            (.bool(false), "false"), (.int(42), "42"), (.int(-7), "-7"), (.int(0), "0"),
            (.int(.max), "9223372036854775807"), (.int(.min), "-9223372036854775808"),
            (.bytes([0x00, 0xFF, 0x68, 0x69]), "AP9oaQ=="), (.bytes([]), ""), (.bytes([0xFB, 0xEF, 0xFF]), "++//"),
            (.bytes([1, 2]), "AQI="), (.array([]), "[]"), (.keyValues([]), "{}"),
            (
                .array([.text("a"), .int(1), .bool(true), .empty, .double(2.5), .array([.text("n")])]),
                #"["a",1,true,null,2.5,["n"]]"#
            ), (.array([.bytes([1, 2])]), #"["AQI="]"#),
            (
                .keyValues([
                    Attribute("b", .int(1)), Attribute("a", .keyValues([Attribute("x", "y")])),
                    Attribute("f", .double(3)),
                ]), #"{"a":{"x":"y"},"b":1,"f":3}"#
            ), (.keyValues([Attribute("k", "1"), Attribute("j", "2"), Attribute("k", "3")]), #"{"j":"2","k":"3"}"#),
            (.keyValues([Attribute("", .empty), Attribute("\"", "")]), #"{"":null,"\"":""}"#),
        ] as [(AttributeValue, String)])
    func valuesHaveText(value: AttributeValue, expected: String) {
        #expect(text(value) == expected)
    }

    @Test(
        "R-LAB-01 doubles are JSON numbers as in the Collector",
        arguments: [
            (0, "0"), (-0.0, "-0"), (1.5, "1.5"), (3, "3"), (-3.25, "-3.25"), (0.1, "0.1"), (1e-6, "0.000001"),
            (1.5e-6, "0.0000015"), (9.99e-7, "9.99e-7"), (1e-9, "1e-9"), (1.25e-10, "1.25e-10"), (1e-100, "1e-100"),
            (1e15, "1000000000000000"), (123456789.125, "123456789.125"), (1e20, "100000000000000000000"),
            (1.2345e20, "123450000000000000000"), (1e21, "1e+21"), (-1.5e300, "-1.5e+300"),
            (0.30000000000000004, "0.30000000000000004"), (9_007_199_254_740_992, "9007199254740992"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (Double.leastNonzeroMagnitude, "5e-324"),
        ] as [(Double, String)])
    func doublesHaveText(value: Double, expected: String) {
        #expect(text(.double(value)) == expected)
        #expect(text(.array([.double(value)])) == "[\(expected)]")
    }

    @Test("R-LAB-01 NaN and infinities are words, quoted inside JSON")
    func notFiniteDoublesAreWords() {
        for (value, word) in [(Double.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity")] {
            #expect(text(.double(value)) == word)
            #expect(text(.array([.double(value)])) == "[\"\(word)\"]")
        }
    }

    @Test("R-LAB-01 strings inside JSON are escaped as in the Collector")
    func stringsInJSONAreEscaped() {
        let string = "<&>\u{2028}\u{2029}\"\\/\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}é\u{2027}😀"
        #expect(
            text(.array([.text(string)]))
                == "[\"<&>\\u2028\\u2029\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7F}é\u{2027}😀\"]")
    }

    @Test("R-LAB-01 doubles are read back as the same number", arguments: [1, 2, 3])
    func doublesReadBack(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            let value = Double(bitPattern: random.next())
            if value.isFinite { #expect(Double(text(.double(value))) == value) }
        }
    }

    @Test("the deepest decoded nesting is written")
    func deepNesting() {
        let value = (0..<64).reduce(AttributeValue.text("x")) { inner, _ in .array([inner]) }
        #expect(text(value) == String(repeating: "[", count: 64) + "\"x\"" + String(repeating: "]", count: 64))
    }
}
