internal import OTLP
internal import Series

/// Derives a family name from a metric's name, unit and kind (R-NAME-01..11, R-NAME-14, R-NAME-15).
///
/// The rules are exactly those of prometheus/otlptranslator 1.0.0: the name is split into tokens, unit and type add
/// tokens at the end, and the tokens are joined with underscores. Without suffixes or with UTF-8 kept, fewer steps
/// apply.
struct FamilyNaming {
    private typealias Token = ArraySlice<UInt8>

    private static let total = Array("total".utf8)
    private static let ratio = Array("ratio".utf8)
    /// The unit of a plain number; only exactly this, without spaces, makes a gauge a ratio (R-NAME-11).
    private static let one = Array("1".utf8)

    private let settings: TranslationSettings

    init(_ settings: TranslationSettings) {
        self.settings = settings
    }

    /// - Throws: `emptyName` if nothing of the name is left, `unsupportedType` for a metric without data.
    func descriptor(of metric: MetricIdentity) throws(RejectionReason) -> FamilyDescriptor {
        let type: FamilyType
        switch metric.kind {
        case .gauge: type = metric.metadataType ?? .gauge
        case .sum: type = metric.isMonotonic ? .counter : .gauge
        case .histogram: type = .histogram
        case .exponentialHistogram: type = .nativeHistogram
        case .summary: type = .summary
        case .none: throw .unsupportedType
        }
        let isRatio = metric.kind == .gauge && metric.unit == Self.one
        guard settings.addsSuffixes else {
            let name = try plainName(metric.name)
            return FamilyDescriptor(
                name: name, type: type, unit: shownUnit(of: name, UnitSuffixes(unit: metric.unit), type))
        }
        let unit = UnitSuffixes(unit: metric.unit)
        if settings.keepsUTF8 {
            let written = UnitSuffixes(asWritten: metric.unit)
            let name = try suffixedName(metric.name, unit: written, type: type, isRatio: isRatio)
            return FamilyDescriptor(
                name: name, type: type, unit: isRatio ? Self.ratio : shownUnit(of: name, unit, type))
        }
        return try tokenized(metric, unit: unit, type: type, isRatio: isRatio)
    }

    /// A name in the namespace, without suffixes, for a family without a metric, such as target_info.
    /// - Parameter name: classic, unless UTF-8 is kept; may begin with a digit.
    func name(ofOwn name: [UInt8]) -> [UInt8] {
        let whole = prefix.isEmpty ? name : prefix + [ASCII.underscore] + name
        return Self.withLegalStart(whole, settings.keepsUTF8).withoutNUL()
    }

    /// The namespace as used in names (R-NAME-15). With suffixes each character becomes an underscore, without them
    /// each run does: the Collector leaves the former to the escaping of the format.
    private var prefix: [UInt8] {
        if settings.keepsUTF8 { return settings.namespace }
        guard settings.addsSuffixes else { return Self.sanitized(settings.namespace) }
        return settings.namespace.filter { !ASCII.isContinuation($0) }
            .map { ASCII.isNameByte($0) ? $0 : ASCII.underscore }
    }

    /// `UnderscoreEscapingWithSuffixes`.
    private func tokenized(
        _ metric: MetricIdentity, unit: UnitSuffixes, type: FamilyType, isRatio: Bool
    ) throws(RejectionReason) -> FamilyDescriptor {
        let isCounter = type == .counter
        var tokens: [Token] = metric.name.split { !ASCII.isNameByte($0) }
        var appended = Self.appendUnit(unit, to: &tokens)
        if isCounter { tokens.removeAll { $0.elementsEqual(Self.total) } }
        if isRatio {
            tokens.removeAll { $0.elementsEqual(Self.ratio) }
            tokens.append(Self.ratio[...])
            appended = Self.ratio
        }
        var name = Self.joined(tokens)
        let shownUnit = Self.suffix(of: name, among: [unit.joined, appended])
        if isCounter {
            if !name.isEmpty { name.append(ASCII.underscore) }
            name.append(contentsOf: Self.total)
        }
        guard !name.isEmpty else { throw .emptyName }
        if !prefix.isEmpty {
            // After a namespace a digit needs no underscore.
            let bare = tokens.first?.first.map(ASCII.isDigit) == true ? name.dropFirst() : name[...]
            name = Self.withLegalStart(prefix + [ASCII.underscore] + bare, false)
        }
        return FamilyDescriptor(name: name, type: type, unit: shownUnit)
    }

    /// `NoTranslation` and `UnderscoreEscapingWithoutSuffixes`.
    private func plainName(_ name: [UInt8]) throws(RejectionReason) -> [UInt8] {
        let own = settings.keepsUTF8 ? name : Self.sanitized(name)
        guard own == name ? !own.isEmpty : own.contains(where: { $0 != ASCII.underscore }) else { throw .emptyName }
        return self.name(ofOwn: own)
    }

    /// `NoUTF8EscapingWithSuffixes`: existing suffixes move to their proper place.
    private func suffixedName(
        _ given: [UInt8], unit: UnitSuffixes, type: FamilyType, isRatio: Bool
    ) throws(RejectionReason) -> [UInt8] {
        guard !given.isEmpty else { throw .emptyName }
        var name = self.name(ofOwn: given)
        if isRatio { Self.trim(Self.ratio, from: &name) }
        if type == .counter { Self.trim(Self.total, from: &name) }
        if !unit.per.isEmpty { Self.trim(unit.per, from: &name) }
        if !unit.main.isEmpty, !name.hasSuffix(unit.main) { name += [ASCII.underscore] + unit.main }
        if !unit.per.isEmpty { name += [ASCII.underscore] + unit.per }
        if type == .counter { name += [ASCII.underscore] + Self.total }
        if isRatio { name += [ASCII.underscore] + Self.ratio }
        // The unit may contain any character.
        return name.withoutNUL()
    }

    /// Removes the suffix and the character before it.
    private static func trim(_ suffix: [UInt8], from name: inout [UInt8]) {
        if name.hasSuffix(suffix), name.count > suffix.count + 1 { name.removeLast(suffix.count + 1) }
    }

    /// The unit if it is the suffix of the name, ignoring `_total`.
    private func shownUnit(of name: [UInt8], _ unit: UnitSuffixes, _ type: FamilyType) -> [UInt8] {
        var stem = name
        let total = [ASCII.underscore] + Self.total
        if type == .counter, stem.hasSuffix(total) { stem.removeLast(total.count) }
        return Self.suffix(of: stem, among: [unit.joined])
    }

    /// Runs of characters that a name cannot contain become one underscore, and are removed at the ends; underscores
    /// stay.
    private static func sanitized(_ name: [UInt8]) -> [UInt8] {
        Array(name.split { !ASCII.isNameByte($0) && $0 != ASCII.underscore }.joined(separator: [ASCII.underscore]))
    }

    /// R-NAME-02, unless any name is legal.
    private static func withLegalStart(_ name: [UInt8], _ keepsUTF8: Bool) -> [UInt8] {
        guard !keepsUTF8, let first = name.first, ASCII.isDigit(first) else { return name }
        return [ASCII.underscore] + name
    }

    /// Appends the parts of the unit that are not yet a token of the name (R-NAME-09) and returns them, joined.
    private static func appendUnit(_ unit: UnitSuffixes, to tokens: inout [Token]) -> [UInt8] {
        guard !unit.isEmpty else { return [] }
        var main = unit.main
        if tokens.contains(where: { $0.elementsEqual(main) }) { main = [] }
        var per = unit.per
        if tokens.contains(where: { $0.elementsEqual(per) }) { per = [] }
        // Otherwise there would be two underscores.
        if !per.isEmpty, main.last == ASCII.underscore { main.removeLast() }
        if !main.isEmpty { tokens.append(main[...]) }
        if !per.isEmpty { tokens.append(per[...]) }
        return UnitSuffixes.joined(main: main, per: per)
    }

    /// Tokens joined with underscores; a leading digit gets an underscore before it (R-NAME-02).
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

    /// The first candidate at the end of `name` after an underscore; empty if there is none (R-NAME-12).
    private static func suffix(of name: [UInt8], among candidates: [[UInt8]]) -> [UInt8] {
        for candidate in candidates where !candidate.isEmpty && candidate.count < name.count {
            let start = name.count - candidate.count
            if name[start - 1] == ASCII.underscore, name[start...].elementsEqual(candidate) { return candidate }
        }
        return []
    }
}
