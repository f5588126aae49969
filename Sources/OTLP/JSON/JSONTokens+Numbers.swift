extension JSONTokens {
    /// A 64-bit time or count, as a string or a number (R-JSON-05, R-JSON-06); nil for null.
    @inline(__always)
    mutating func unsigned64() throws(JSONFault) -> UInt64? {
        if peekToken() == UInt8(ascii: "\""), let value = plainDigits() { return value }
        return try integer(as: UInt64.self)
    }

    /// The number in a string of 1 to 19 digits, which is how every exporter writes times; otherwise nil, and nothing
    /// is consumed.
    @inline(__always)
    private mutating func plainDigits() -> UInt64? {
        let first = position + 1
        var next = first
        var value: UInt64 = 0
        while end - next >= 8, next - first <= 8, let digits = eightDecimalDigits(Self.word(next)) {
            value = value &* 100_000_000 &+ digits
            next += 8
        }
        while next < end, next - first < 19, case let digit = UInt64(next.pointee &- UInt8(ascii: "0")), digit < 10 {
            value = value &* 10 &+ digit
            next += 1
        }
        guard next > first, next < end, next.pointee == UInt8(ascii: "\"") else { return nil }
        position = next + 1
        return value
    }

    /// An integer as a string or a number, in any form that is integral and within the range of the type
    /// (R-JSON-07); nil for null.
    @inline(never)
    mutating func integer<Integer: FixedWidthInteger>(as type: Integer.Type) throws(JSONFault) -> Integer? {
        let number: DecimalText?
        let first = peekToken()
        let place = fault(.expectedInteger)
        switch first {
        case UInt8(ascii: "\""):
            number = try string().withMeaning { DecimalText(whole: $0, .lenient) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            number = try bareNumber()
        default:
            _ = try expectNull(else: .expectedInteger)
            return nil
        }
        guard let value = number?.integer(as: type) else { throw place }
        return value
    }

    /// A double as a number, a numeric string, or one of the words for what is no number (R-JSON-11, R-JSON-12); nil
    /// for null.
    @inline(__always)
    mutating func double() throws(JSONFault) -> Double? {
        switch peekToken() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let place = fault(.expectedDouble)
            let first = position
            let number = try bareNumber()
            guard let value = number.double(of: UnsafeBufferPointer(start: first, count: position - first)) else {
                throw place
            }
            return value
        case UInt8(ascii: "\""): return try doubleInString()
        default:
            _ = try expectNull(else: .expectedDouble)
            return nil
        }
    }

    @inline(never)
    private mutating func doubleInString() throws(JSONFault) -> Double {
        let place = fault(.expectedDouble)
        let value = try string().withMeaning { text in
            DecimalText(whole: text, .lenient).map { $0.double(of: text) } ?? DecimalText.special(text)
        }
        guard let value else { throw place }
        return value
    }

    /// A number outside a string, at `position`.
    @inline(__always)
    mutating func bareNumber() throws(JSONFault) -> DecimalText {
        var next = position
        let number = DecimalText(at: &next, before: end, .json)
        position = next
        guard let number else { throw fault(.number) }
        return number
    }
}
