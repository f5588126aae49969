internal import OTLP
internal import Series

/// How a metric's name, unit and kind become a family name (R-NAME-01..11).
///
/// The rules are those of prometheus/otlptranslator 1.0.0, to the byte: the name is cut into tokens, the unit and the
/// type add tokens at the end, and the tokens are joined with underscores.
enum FamilyNaming {
    private typealias Token = ArraySlice<UInt8>

    private static let total = Array("total".utf8)
    private static let ratio = Array("ratio".utf8)
    /// The unit of a plain number; only exactly this, without spaces, makes a gauge a ratio (R-NAME-11).
    private static let one = Array("1".utf8)

    /// - Throws: `emptyName` when no token is left, `unsupportedType` for kinds other than gauges and sums.
    static func descriptor(of metric: MetricIdentity) throws(RejectionReason) -> FamilyDescriptor {
        let isCounter: Bool
        switch metric.kind {
        case .gauge: isCounter = false
        case .sum: isCounter = metric.isMonotonic
        case .none, .histogram, .exponentialHistogram, .summary: throw .unsupportedType
        }
        let isRatio = metric.kind == .gauge && metric.unit == one
        var tokens: [Token] = metric.name.split { !ASCII.isNameByte($0) }
        let unit = UnitSuffixes(unit: metric.unit)
        var appended = appendUnit(unit, to: &tokens)
        if isCounter { tokens.removeAll { $0.elementsEqual(total) } }
        if isRatio {
            tokens.removeAll { $0.elementsEqual(ratio) }
            tokens.append(ratio[...])
            appended = ratio
        }
        var name = joined(tokens)
        let shownUnit = suffix(of: name, among: [unit.joined, appended])
        if isCounter {
            if !name.isEmpty { name.append(ASCII.underscore) }
            name.append(contentsOf: total)
        }
        guard !name.isEmpty else { throw .emptyName }
        return FamilyDescriptor(name: name, type: isCounter ? .counter : .gauge, unit: shownUnit)
    }

    /// Appends the parts of the unit that the name does not hold as a token already (R-NAME-09) and returns what was
    /// appended, joined.
    private static func appendUnit(_ unit: UnitSuffixes, to tokens: inout [Token]) -> [UInt8] {
        guard !unit.isEmpty else { return [] }
        var main = unit.main
        if tokens.contains(where: { $0.elementsEqual(main) }) { main = [] }
        var per = unit.per
        if tokens.contains(where: { $0.elementsEqual(per) }) { per = [] }
        // Otherwise the underscore that joins them would stand twice.
        if !per.isEmpty, main.last == ASCII.underscore { main.removeLast() }
        if !main.isEmpty { tokens.append(main[...]) }
        if !per.isEmpty { tokens.append(per[...]) }
        return UnitSuffixes.joined(main: main, per: per)
    }

    /// Tokens with underscores between them; a leading digit gets one in front (R-NAME-02).
    private static func joined(_ tokens: [Token]) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(tokens.reduce(total.count + 2) { $0 + $1.count + 1 })
        for token in tokens {
            if let first = name.isEmpty ? token.first : nil {
                if ASCII.isDigit(first) { name.append(ASCII.underscore) }
            } else {
                name.append(ASCII.underscore)
            }
            name.append(contentsOf: token)
        }
        return name
    }

    /// The first candidate that stands at the end of `name` after an underscore; empty when none does (R-NAME-12).
    private static func suffix(of name: [UInt8], among candidates: [[UInt8]]) -> [UInt8] {
        for candidate in candidates where !candidate.isEmpty && candidate.count < name.count {
            let start = name.count - candidate.count
            if name[start - 1] == ASCII.underscore, name[start...].elementsEqual(candidate) { return candidate }
        }
        return []
    }
}
