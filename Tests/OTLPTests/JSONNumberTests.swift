import Settings
import Testing

@testable import OTLP

/// Every double is the one nearest to the decimal text, as the standard library rounds.
struct JSONNumberTests {
    /// The decoded double of a data point.
    private func double(_ written: String) throws -> Double? {
        guard case .double(let value)? = try decodePoints(#"[{"asDouble":\#(written)}]"#).first?.value else {
            return nil
        }
        return value
    }

    @Test(
        "hard decimals are rounded correctly",
        arguments: [
            "0", "-0", "0.0", "1", "-1", "0.1", "0.3", "1e22", "1e23", "1e27", "1e28", "1e-22", "1e-23", "1e-27",
            "1e-28",
            "9007199254740993", "9007199254740992.5", "9007199254740993.0000000000000000000000000000001",
            "18446744073709551615", "18446744073709551616", "18446744073709551615e27", "18446744073709551615e-27",
            "1844674407370955161.5", "18446744073709551619e5", "123456789012345678901234567890", "902.1659504395827",
            "1.7976931348623157e308", "2.2250738585072014e-308", "2.2250738585072011e-308", "4.9406564584124654e-324",
            "2.4703282292062327e-324", "2.4703282292062328e-324", "5e-324", "1e-323", "1e-350", "1e-400", "0e400",
            "0.000000000000000000000000000000000000000000000000000001", "1e0000000000000000000000000000000000005",
            "8.98846567431158e307", "179769313486231570000000000000000000000e270", "6.0221407599999999999999e23",
            "1.00000000000000011102230246251565404236316680908203125",
            "1.00000000000000011102230246251565404236316680908203124",
            "1.00000000000000011102230246251565404236316680908203126", "9223372036854775807.999999999999999999999",
            "0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001e90",
        ])
    func hardDecimalsAreRoundedCorrectly(written: String) throws {
        let expected = try #require(Double(written))
        let value = try #require(try double(written))
        #expect(value.bitPattern == expected.bitPattern)
        #expect(try double(#""\#(written)""#)?.bitPattern == expected.bitPattern)
    }

    @Test("digits after the eight hundredth still decide a tie")
    func farDigitsBreakATie() throws {
        // The middle between 1 and the next double, exactly, then zeros.
        let middle = "1.00000000000000011102230246251565404236316680908203125" + String(repeating: "0", count: 2000)
        #expect(try double(middle) == 1)
        #expect(try double(middle + "1") == 1.0.nextUp)
        #expect(try double(middle + "e5") == 100_000.00000000001)
        let long = "0." + String(repeating: "0", count: 5000) + "1e5001"
        #expect(try double(long) == 1)
        #expect(try double("1" + String(repeating: "0", count: 5000) + "e-5000") == 1)
        expectLostPoint(#"{"asDouble":\#(String(repeating: "9", count: 309))}"#)
        #expect(try double(String(repeating: "9", count: 308)) == 1e308)
    }

    @Test("doubles written with the fewest digits, or with many, are read back exactly")
    func randomDoublesAreExact() throws {
        var generator = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            let expected = Double(bitPattern: generator.next())
            guard expected.isFinite else { continue }
            try check("\(expected)", expected)
        }
    }

    @Test("random decimals are rounded as in the standard library")
    func randomDecimalsAreExact() throws {
        var generator = SeededRandom(seed: 12)
        for _ in 0..<20_000 {
            let digits = String(generator.next() >> UInt64.random(in: 0..<60, using: &generator) | 1)
            let more = Bool.random(using: &generator) ? String(generator.next()) : ""
            var written = digits + more
            if Bool.random(using: &generator) {
                let place = Int.random(in: 1...written.count, using: &generator)
                written.insert(".", at: written.index(written.startIndex, offsetBy: place))
                if written.hasSuffix(".") { written += "0" }
            }
            if Bool.random(using: &generator) { written += "e\(Int.random(in: -40...40, using: &generator))" }
            try check(written, try #require(Double(written)))
        }
    }

    @Test("random integers keep every digit in every form")
    func randomIntegersAreExact() throws {
        var generator = SeededRandom(seed: 13)
        for _ in 0..<5_000 {
            let value = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
            let zeros = Int.random(in: 0...5, using: &generator)
            let forms = [
                "\(value)", "\(value).0", "\(value)." + String(repeating: "0", count: zeros + 1) + "e+0",
                "\(value / 10).\(value % 10)e1",
            ]
            for form in forms {
                for written in [form, #""\#(form)""#] {
                    let decoded = try scan(written) { json throws(JSONFault) in try json.tokens.unsigned64() }
                    #expect(decoded == value, "\(written)")
                }
            }
        }
    }

    @Test("eight digits are distinguished from all other bytes")
    func eightDigits() {
        var word: [UInt8] = Array("12345678".utf8)
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                word[place] = byte
                let expected =
                    word.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(String(decoding: word, as: UTF8.self)) : nil
                let value = word.withUnsafeBufferPointer { digits in
                    digits.baseAddress.flatMap { eightDecimalDigits(JSONTokens.word($0)) }
                }
                #expect(value == expected)
            }
            word[place] = Array("12345678".utf8)[place]
        }
    }

    private func check(_ written: String, _ expected: Double) throws {
        let value = try scan(written) { json throws(JSONFault) in try json.tokens.double() }
        #expect(value?.bitPattern == expected.bitPattern, "\(written)")
    }

    private func scan<Value>(
        _ written: String, _ read: (inout JSONScanner) throws(JSONFault) -> Value
    ) throws -> Value {
        try Array(written.utf8).withUnsafeBytes { raw in
            var json = try JSONScanner(raw, limits: DecodingLimits())
            let value = try read(&json)
            try json.tokens.finish()
            return value
        }
    }
}
