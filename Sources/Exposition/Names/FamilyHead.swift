internal import Series

/// Names and type of one family, or of some of its lines, in one exposition.
struct FamilyHead: Sendable {
    /// The family's index in the snapshot.
    var index: Int
    /// The name in TYPE, UNIT and HELP.
    var family: [UInt8]
    /// The name of samples that are plain numbers: `family`, in OpenMetrics with `_total` or `_info`; for a
    /// distribution the name before the suffixes of its lines.
    var sample: [UInt8]
    var type: FamilyType
    /// Whether all names need quotes.
    var isQuoted: Bool
    /// The lines of distributions that are shown under it.
    var lines: DistributionLines = .all
    /// Whether timestamps are left out although they are enabled.
    var hidesTimes = false

    init(_ family: FamilySnapshot, at index: Int, escaping: NameEscaping) {
        self.index = index
        self.family = escaping.familyName(family.descriptor.name)
        sample = self.family
        type = family.descriptor.type
        isQuoted = escaping == .allowUTF8 && !LegacyName.isFamilyName(self.family)
    }

    /// The heads of all families, in order, for the text and protobuf formats.
    ///
    /// No two have lines of the same name if that holds for `families`: names that would collide after escaping get the
    /// `values` scheme instead, and if that is used as well, underscores at the end.
    static func heads(of families: [FamilySnapshot], escaping: NameEscaping) -> [FamilyHead] {
        var heads = families.enumerated().map { FamilyHead($1, at: $0, escaping: escaping) }
        let escaped = heads.indices.filter { heads[$0].family != families[$0].descriptor.name }
        guard !escaped.isEmpty else { return heads }
        var taken: Set<[UInt8]> = []
        for (head, family) in zip(heads, families) where head.family == family.descriptor.name {
            taken.formUnion(head.names)
        }
        for index in escaped {
            if !taken.isDisjoint(with: heads[index].names) {
                heads[index].rename(NameEscaping.values.familyName(families[index].descriptor.name))
            }
            while !taken.isDisjoint(with: heads[index].names) {
                heads[index].rename(heads[index].family + [ASCII.underscore])
            }
            taken.formUnion(heads[index].names)
        }
        return heads
    }

    private mutating func rename(_ name: [UInt8]) {
        family = name
        sample = name
    }

    /// The name of the family and those of its lines in the text format.
    private var names: [[UInt8]] {
        switch type {
        case .histogram, .nativeHistogram: [family] + [LineSuffix.bucket, .sum, .count].map { $0.added(to: sample) }
        case .summary: [family] + [LineSuffix.sum, .count].map { $0.added(to: sample) }
        case .counter, .gauge, .unknown, .info, .stateset: [family]
        }
    }

    /// The name before `_created`.
    var createdStem: [UInt8] { type == .counter ? family : sample }

    /// Whether the name ends in the unit after an underscore, as UNIT requires (R-OM-05).
    func ends(with unit: [UInt8]) -> Bool { Self.name(family[...], endsWith: unit) }

    /// The same for a counter whose name still has `_total`, which then follows the unit.
    func ends(withTotalOr unit: [UInt8]) -> Bool {
        Self.name(type == .counter ? LineSuffix.total.removed(from: family[...]) : family[...], endsWith: unit)
    }

    private static func name(_ name: ArraySlice<UInt8>, endsWith unit: [UInt8]) -> Bool {
        guard !unit.isEmpty, name.count > unit.count + 1, name.suffix(unit.count).elementsEqual(unit) else {
            return false
        }
        return name[name.endIndex - unit.count - 1] == ASCII.underscore
    }
}

/// The kinds of lines of a distribution.
struct DistributionLines: OptionSet, Sendable {
    let rawValue: UInt8

    /// Buckets or quantiles.
    static let values = DistributionLines(rawValue: 1)
    static let sum = DistributionLines(rawValue: 2)
    static let count = DistributionLines(rawValue: 4)
    /// With `_created`, if enabled.
    static let all: DistributionLines = [.values, .sum, .count]
}

/// The suffixes that formats add to the name of a family in some of its lines.
struct LineSuffix: Sendable {
    static let none = LineSuffix("")
    static let bucket = LineSuffix("_bucket")
    static let sum = LineSuffix("_sum")
    static let count = LineSuffix("_count")
    static let created = LineSuffix("_created")
    static let total = LineSuffix("_total")
    static let info = LineSuffix("_info")

    let text: [UInt8]

    private init(_ text: String) {
        self.text = Array(text.utf8)
    }

    func added(to name: [UInt8]) -> [UInt8] { name + text }

    /// The name without the suffix; the whole name if it has none, or nothing before it.
    func removed(from name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        name.count > text.count && name.suffix(text.count).elementsEqual(text) ? name.dropLast(text.count) : name
    }
}

extension [UInt8] {
    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
