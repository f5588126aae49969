/// The digits of a double, independent of formatting.
enum DecimalDigits {
    /// The fewest digits that round-trip for `magnitude`, and the position of the decimal point: the value is
    /// 0.`digits` * 10^`point`. The digits neither start nor end with a zero, except that zero is `0` with point 1.
    /// - Parameter magnitude: finite, not negative.
    static func shortest(of magnitude: Double) -> (digits: [UInt8], point: Int) {
        withUnsafeTemporaryAllocation(byteCount: NumberText.lengthLimit, alignment: 1) { buffer in
            var text = FixedText(buffer)
            magnitude.write(to: &text)
            return parse(UnsafeRawBufferPointer(rebasing: buffer[..<text.count]))
        }
    }

    /// Parses the standard library's format: `1.5`, `0.001`, `1.5e-09`, `1e+21`.
    private static func parse(_ text: UnsafeRawBufferPointer) -> (digits: [UInt8], point: Int) {
        let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
        var exponent = 0
        for byte in text.dropFirst(mantissa.count + 1) where ASCII.isDigit(byte) {
            exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
        }
        if text.dropFirst(mantissa.count + 1).first == UInt8(ascii: "-") { exponent = -exponent }
        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        let digits = mantissa.filter { $0 != UInt8(ascii: ".") }
        let leadingZeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        let trailingZeros = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        guard leadingZeros < digits.count else { return ([UInt8(ascii: "0")], 1) }
        return (Array(digits[leadingZeros..<(digits.count - trailingZeros)]), whole.count - leadingZeros + exponent)
    }
}
