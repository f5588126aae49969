/// A decimal number, parsed digit by digit: `significand × 10^exponent`, exactly if `isExact`.
struct DecimalText {
    /// RFC 8259 for bare numbers; for numbers in strings also what the Collector accepts: a plus sign, leading zeros, a
    /// point without digits on one side.
    enum Grammar {
        case json
        case lenient
    }

    private(set) var isNegative = false
    private(set) var significand: UInt64 = 0
    private(set) var exponent = 0
    /// False if digits other than 0 did not fit into `significand`, which then is cut, not rounded.
    private(set) var isExact = true

    private var isFull = false

    /// Exponents beyond are all the same: too large, or zero. Small enough to be added to without overflow.
    private static let farExponent = 1 << 40

    /// Parses a number that begins at `next` and moves `next` to its end.
    /// - Returns: nil if no number begins there; `next` is then anywhere up to the wrong byte.
    @inline(__always)
    init?(at next: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>, _ grammar: Grammar) {
        if next < end {
            if next.pointee == UInt8(ascii: "-") {
                isNegative = true
                next += 1
            } else if grammar == .lenient, next.pointee == UInt8(ascii: "+") {
                next += 1
            }
        }
        let integer = next
        takeDigits(at: &next, before: end, scale: 0)
        var digitCount = next - integer
        if grammar == .json {
            guard digitCount > 0, digitCount == 1 || integer.pointee != UInt8(ascii: "0") else { return nil }
        }
        if next < end, next.pointee == UInt8(ascii: ".") {
            next += 1
            let fraction = next
            takeDigits(at: &next, before: end, scale: -1)
            guard grammar == .lenient || next > fraction else { return nil }
            digitCount += next - fraction
        }
        guard digitCount > 0 else { return nil }
        if next < end, next.pointee | 0x20 == UInt8(ascii: "e") {
            guard takeExponent(at: &next, before: end) else { return nil }
        }
    }

    /// The number if it is all of `text`; nil otherwise.
    init?(whole text: UnsafeBufferPointer<UInt8>, _ grammar: Grammar) {
        guard var next = text.baseAddress else { return nil }
        let end = next + text.count
        guard let number = DecimalText(at: &next, before: end, grammar), next == end else { return nil }
        self = number
    }

    /// - Parameter scale: 0 before the point, -1 after it.
    @inline(__always)
    private mutating func takeDigits(
        at next: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>, scale: Int
    ) {
        while end - next >= 8, significand < 100_000_000_000,
            let digits = eightDecimalDigits(JSONTokens.word(next))
        {
            significand = significand * 100_000_000 + digits
            exponent &+= 8 * scale
            next += 8
        }
        while next < end, case let digit = UInt64(next.pointee &- UInt8(ascii: "0")), digit < 10 {
            take(digit, scale: scale)
            next += 1
        }
    }

    @inline(__always)
    private mutating func take(_ digit: UInt64, scale: Int) {
        if !isFull {
            let (shifted, overflow) = significand.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(digit)
            if !overflow, !carry {
                significand = sum
                exponent &+= scale
                return
            }
            isFull = true
        }
        if digit != 0 { isExact = false }
        exponent &+= scale &+ 1
    }

    private mutating func takeExponent(
        at next: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
    ) -> Bool {
        next += 1
        var sign = 1
        if next < end, next.pointee == UInt8(ascii: "-") || next.pointee == UInt8(ascii: "+") {
            if next.pointee == UInt8(ascii: "-") { sign = -1 }
            next += 1
        }
        let first = next
        var value = 0
        while next < end, case let digit = Int(next.pointee &- UInt8(ascii: "0")), digit < 10 {
            if value < Self.farExponent { value = value * 10 + digit }
            next += 1
        }
        exponent &+= sign * value
        return next > first
    }
}

/// The number that eight ASCII digits make, the first one in the lowest byte; nil if one is no digit.
@inline(__always)
func eightDecimalDigits(_ word: UInt64) -> UInt64? {
    let high = word & 0xF0F0_F0F0_F0F0_F0F0
    let carried = (word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0
    guard high == 0x3030_3030_3030_3030, carried == 0x3030_3030_3030_3030 else { return nil }
    let digits = word & 0x0F0F_0F0F_0F0F_0F0F
    let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF
}

// MARK: - Integers

extension DecimalText {
    /// The number without its sign, if it is integral and fits (R-JSON-07, R-JSON-08).
    ///
    /// A number that is not exact never is: the digits left out are fractional, or the number is beyond 2^64.
    private var integralMagnitude: UInt64? {
        guard isExact else { return nil }
        if significand == 0 { return 0 }
        // 10^20 is beyond 2^64.
        guard -19...19 ~= exponent else { return nil }
        var magnitude = significand
        for _ in 0..<abs(exponent) {
            if exponent > 0 {
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                magnitude = product
            } else {
                guard magnitude % 10 == 0 else { return nil }
                magnitude /= 10
            }
        }
        return magnitude
    }

    /// nil if the number is not integral or out of range.
    func integer<Integer: FixedWidthInteger>(as type: Integer.Type) -> Integer? {
        guard let magnitude = integralMagnitude else { return nil }
        guard isNegative else { return Integer(exactly: magnitude) }
        if magnitude == 1 << 63 { return Integer(exactly: Int64.min) }
        return Int64(exactly: magnitude).flatMap { Integer(exactly: -$0) }
    }
}
