/// Floats in `le` and `quantile`: label values are compared as text, so they are formatted exactly as in the Collector
/// and every Go client (R-OM-11).
enum CanonicalFloat {
    /// Go's `%g` uses an exponent below 1e-4 and from 1e6 on.
    private static let plainPoints = -3...6

    /// Appends the shortest digits that round-trip: `0.5`, `1e-05`, `1e+06`, `+Inf`; an integer below 1e6 as `1` in the
    /// text format, as `1.0` in OpenMetrics. A negative zero has no sign.
    static func append(_ number: Double, isOpenMetrics: Bool, to text: inout [UInt8]) {
        if number.isNaN { return text.append(contentsOf: "NaN".utf8) }
        if number.isInfinite { return text.append(contentsOf: (number < 0 ? "-Inf" : "+Inf").utf8) }
        if number < 0 { text.append(UInt8(ascii: "-")) }
        let (digits, point) = DecimalDigits.shortest(of: number.magnitude)
        if plainPoints.contains(point) {
            appendPlain(digits, point: point, isOpenMetrics: isOpenMetrics, to: &text)
        } else {
            appendScientific(digits, exponent: point - 1, to: &text)
        }
    }

    private static func appendPlain(_ digits: [UInt8], point: Int, isOpenMetrics: Bool, to text: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        if point <= 0 {
            text.append(contentsOf: "0.".utf8)
            text.append(contentsOf: repeatElement(zero, count: -point))
            text.append(contentsOf: digits)
        } else if digits.count <= point {
            text.append(contentsOf: digits)
            text.append(contentsOf: repeatElement(zero, count: point - digits.count))
            if isOpenMetrics { text.append(contentsOf: ".0".utf8) }
        } else {
            text.append(contentsOf: digits[..<point])
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: digits[point...])
        }
    }

    private static func appendScientific(_ digits: [UInt8], exponent: Int, to text: inout [UInt8]) {
        text.append(digits[0])
        if digits.count > 1 {
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: digits[1...])
        }
        text.append(UInt8(ascii: "e"))
        text.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        if exponent.magnitude < 10 { text.append(UInt8(ascii: "0")) }
        NumberText.append(Int64(exponent.magnitude), to: &text)
    }
}
