/// The set of characters allowed at one place.
struct ScalarSet: Sendable, Equatable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated: Bool
    var ignoresCase: Bool

    static let digits = ScalarSet([48...57])
    static let words = ScalarSet([48...57, 65...90, 95...95, 97...122])
    static let spaces = ScalarSet([9...10, 12...13, 32...32])
    private static let largest: UInt32 = 0x10_FFFF

    init(_ ranges: [ClosedRange<UInt32>], isNegated: Bool = false, ignoresCase: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
        self.ignoresCase = ignoresCase
    }

    init(_ scalar: Unicode.Scalar, ignoresCase: Bool = false) {
        self.init([scalar.value...scalar.value], ignoresCase: ignoresCase)
    }

    /// The only character of the set, if it is one.
    var single: UInt32? {
        guard !isNegated, ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }

    /// The same set without negation: ranges between the excluded characters.
    var withoutNegation: ScalarSet {
        guard isNegated else { return self }
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= Self.largest { gaps.append(next...Self.largest) }
        return ScalarSet(gaps, ignoresCase: ignoresCase)
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isFound = holds(scalar.value)
        if ignoresCase, !isFound {
            if scalar.isASCII {
                isFound = scalar.properties.isAlphabetic && holds(scalar.value ^ 32)
            } else {
                let forms = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
                isFound = forms.contains { form in
                    let scalars = form.unicodeScalars
                    return scalars.count == 1 && scalars.first.map { holds($0.value) } ?? false
                }
            }
        }
        return isFound != isNegated
    }

    private func holds(_ value: UInt32) -> Bool {
        for range in ranges where range.contains(value) { return true }
        return false
    }
}
