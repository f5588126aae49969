extension DecimalText {
    /// The double nearest to the number, ties to even; nil if it is beyond the largest one, as in the Collector.
    ///
    /// - Parameter text: the source of this number: digits that did not fit are read again.
    @inline(__always)
    func double(of text: UnsafeBufferPointer<UInt8>) -> Double? {
        let magnitude = isExact ? Self.nearest(significand, exponent) : nil
        guard let magnitude = magnitude ?? slowMagnitude(of: text) else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    /// `significand × 10^exponent` in one rounding step; nil for exponents that need more than 128 bits.
    @inline(__always)
    private static func nearest(_ significand: UInt64, _ exponent: Int) -> Double? {
        guard significand != 0 else { return 0 }
        guard -27...27 ~= exponent else { return nil }
        if exponent >= 0 { return product(significand, powersOfFive[exponent], binaryExponent: exponent) }
        return quotient(significand, powersOfFive[-exponent], binaryExponent: exponent)
    }

    /// `significand × power × 2^binaryExponent`, rounded once.
    ///
    /// The 128 bits of the product become 64, of which the lowest says whether any bit below was set: then the
    /// conversion to 53 bits rounds correctly, and scaling by a power of two is exact.
    private static func product(_ significand: UInt64, _ power: UInt64, binaryExponent: Int) -> Double {
        let (high, low) = significand.multipliedFullWidth(by: power)
        guard high != 0 else { return scaled(low, binaryExponent) }
        let shift = high.leadingZeroBitCount
        // `<<` and `>>` of Swift shift in zeros beyond 63, as needed for a shift of 0.
        let top = high << shift | low >> (64 - shift)
        return scaled(top | (low << shift == 0 ? 0 : 1), binaryExponent + 64 - shift)
    }

    /// `significand / power × 2^binaryExponent`, rounded once, by the same reasoning: at least 63 bits of the quotient
    /// are computed, the lowest of them says whether there is a remainder.
    private static func quotient(_ significand: UInt64, _ power: UInt64, binaryExponent: Int) -> Double {
        let dividendShift = significand.leadingZeroBitCount
        let divisorShift = power.leadingZeroBitCount
        let dividend = significand << dividendShift
        let divisor = power << divisorShift
        // Both have their top bit set, so that half the dividend is below the divisor: the quotient fits 64 bits.
        let (quotient, remainder) = divisor.dividingFullWidth((dividend >> 1, dividend << 63))
        return scaled(quotient | (remainder == 0 ? 0 : 1), binaryExponent + divisorShift - dividendShift - 63)
    }

    /// Exact: between 10^-27 and 10^47 nothing is subnormal or infinite.
    @inline(__always)
    private static func scaled(_ significand: UInt64, _ binaryExponent: Int) -> Double {
        Double(significand) * Double(sign: .plus, exponent: binaryExponent, significand: 1)
    }

    /// 5^0 to 5^27, all that fit 64 bits.
    private static let powersOfFive: [UInt64] = [
        1, 5, 25, 125, 625, 3125, 15625, 78125, 390_625, 1_953_125, 9_765_625, 48_828_125, 244_140_625,
        1_220_703_125, 6_103_515_625, 30_517_578_125, 152_587_890_625, 762_939_453_125, 3_814_697_265_625,
        19_073_486_328_125, 95_367_431_640_625, 476_837_158_203_125, 2_384_185_791_015_625,
        11_920_928_955_078_125, 59_604_644_775_390_625, 298_023_223_876_953_125, 1_490_116_119_384_765_625,
        7_450_580_596_923_828_125,
    ]
}

// MARK: - Rare numbers

extension DecimalText {
    /// Digits beyond this can only break a tie: no double, and no middle between two, has more significant ones (767).
    private static let significantDigitLimit = 800

    /// The standard library's conversion of at most `significantDigitLimit` digits, without a decimal point.
    @inline(never)
    private func slowMagnitude(of text: UnsafeBufferPointer<UInt8>) -> Double? {
        // `significand` is at least 1 and below 1.9 × 10^19.
        if exponent > 310 { return nil }
        if exponent < -350 { return 0 }
        let digits = isExact ? "\(significand)e\(exponent)" : manyDigits(of: text)
        guard let magnitude = Double(digits), magnitude.isFinite else { return nil }
        return magnitude
    }

    private func manyDigits(of text: UnsafeBufferPointer<UInt8>) -> String {
        var digits: [UInt8] = []
        var isCut = false
        for byte in text {
            if byte | 0x20 == UInt8(ascii: "e") { break }
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { continue }
            if digits.isEmpty, byte == UInt8(ascii: "0") { continue }
            if digits.count < Self.significantDigitLimit {
                digits.append(byte)
            } else if byte != UInt8(ascii: "0") {
                isCut = true
            }
        }
        // After the digits of `significand`, each further one is worth a tenth.
        var scale = exponent + "\(significand)".utf8.count - digits.count
        if isCut {
            digits.append(UInt8(ascii: "1"))
            scale -= 1
        }
        return String(decoding: digits, as: UTF8.self) + "e\(scale)"
    }

    /// NaN and infinity as in the Collector: in any case, infinity in two lengths, with a sign (R-JSON-11).
    static func special(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        func isWord(_ word: StaticString, from start: Int) -> Bool {
            text.count - start == word.utf8CodeUnitCount
                && (0..<word.utf8CodeUnitCount).allSatisfy { text[start + $0] | 0x20 == word.utf8Start[$0] }
        }
        guard let first = text.first else { return nil }
        if isWord("nan", from: 0) { return .nan }
        let start = first == UInt8(ascii: "-") || first == UInt8(ascii: "+") ? 1 : 0
        guard isWord("infinity", from: start) || isWord("inf", from: start) else { return nil }
        return first == UInt8(ascii: "-") ? -.infinity : .infinity
    }
}
