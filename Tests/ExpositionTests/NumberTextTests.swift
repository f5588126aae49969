import Series
import Testing

@testable import Exposition

@Suite struct NumberTextTests {
    private func text(_ value: SampleValue) -> String {
        withUnsafeTemporaryAllocation(byteCount: NumberText.lengthLimit, alignment: 1) { buffer in
            let length = NumberText.write(value, to: buffer)
            return String(decoding: buffer[..<length], as: UTF8.self)
        }
    }

    @Test(
        "integers keep every digit",
        arguments: [
            (0, "0"), (1, "1"), (-1, "-1"), (9, "9"), (10, "10"), (99, "99"), (-100, "-100"), (1_000_000, "1000000"),
            (9_007_199_254_740_993, "9007199254740993"), (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
        ] as [(Int64, String)])
    func integers(value: Int64, expected: String) {
        #expect(text(.int(value)) == expected)
    }

    @Test(
        "R-TXT-05 doubles are the shortest text that Go reads as the same number",
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (0.1, "0.1"), (100, "100"), (999_999, "999999"),
            (1_000_000, "1000000"), (123_456_789.125, "123456789.125"), (1e15, "1000000000000000"),
            (9_007_199_254_740_991, "9007199254740991"), (-9_007_199_254_740_992, "-9007199254740992"),
            (9_007_199_254_740_994, "9.007199254740994e+15"), (1e17, "1e+17"),
            (0.30000000000000004, "0.30000000000000004"), (1e21, "1e+21"), (1e-7, "1e-07"), (-2.5e-8, "-2.5e-08"),
            (Double.leastNonzeroMagnitude, "5e-324"), (Double.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (-2.2250738585072014e-308, "-2.2250738585072014e-308"),
            (9_223_372_036_854_775_808, "9.223372036854776e+18"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"), (-.nan, "NaN"), (.signalingNaN, "NaN"),
        ] as [(Double, String)])
    func doubles(value: Double, expected: String) {
        #expect(text(.double(value)) == expected)
    }

    @Test("R-TXT-05 any double is read back exactly and fits its buffer", arguments: [1, 2, 3])
    func doublesReadBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<5000 {
            let value = Double(bitPattern: random.next())
            let written = text(.double(value))
            #expect(written.utf8.count <= 24)
            if value.isFinite { #expect(try #require(Double(written)) == value) }
            let integral = Int64(bitPattern: random.next()) >> Int64(random.next() & 63)
            #expect(Int64(text(.int(integral))) == integral)
            #expect(Double(text(.double(Double(integral)))) == Double(integral))
        }
    }

    @Test("a text that does not fit is cut, not written beyond its buffer")
    func fixedTextKeepsItsBounds() {
        var memory = [UInt8](repeating: 0xAA, count: 8)
        memory.withUnsafeMutableBytes { memory in
            var text = FixedText(UnsafeMutableRawBufferPointer(rebasing: memory[..<4]))
            text.write("abc")
            text.write("def")
            #expect(text.count == 4)
            (1.25).write(to: &text)
            #expect(text.count == 4)
        }
        #expect(memory == Array("abcd".utf8) + [0xAA, 0xAA, 0xAA, 0xAA])
    }
}
