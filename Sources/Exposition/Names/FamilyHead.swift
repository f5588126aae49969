internal import Series

/// How one family, or some lines of it, are named and typed in one exposition.
struct FamilyHead: Sendable {
    /// The family's place in the snapshot.
    var index: Int
    /// What TYPE, UNIT and HELP are about.
    var family: [UInt8]
    /// What suffixes are added to.
    var stem: [UInt8]
    /// The name of samples that are plain numbers: `family`, in OpenMetrics with `_total` or `_info`.
    var sample: [UInt8]
    var type: FamilyType
    /// Whether all names need quotes.
    var isQuoted: Bool
    /// Which lines of distributions are shown under it.
    var lines: DistributionLines = .all
    /// Whether samples go without their times though these are asked for.
    var hidesTimes = false

    init(_ family: FamilySnapshot, at index: Int, escaping: NameEscaping) {
        self.index = index
        self.family = escaping.familyName(family.descriptor.name)
        stem = self.family
        sample = self.family
        type = family.descriptor.type
        isQuoted = escaping == .allowUTF8 && !LegacyName.isFamilyName(self.family)
    }

    /// The heads of all families, in their order, as the text and protobuf formats have them.
    ///
    /// No two have lines of one name as long as that holds for `families`: what would clash after escaping gets the
    /// `values` scheme instead, and where somebody has taken that name as well, underscores at its end.
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
        stem = name
        sample = name
    }

    /// The name of the family and those of its lines in the text format.
    private var names: [[UInt8]] {
        switch type {
        case .histogram, .nativeHistogram: [family] + [LineSuffix.bucket, .sum, .count].map { $0.added(to: stem) }
        case .summary: [family] + [LineSuffix.sum, .count].map { $0.added(to: stem) }
        case .counter, .gauge, .unknown, .info, .stateset: [family]
        }
    }

    /// Whether the name ends in the unit, as UNIT has to say it (R-OM-05): behind an underscore.
    func ends(with unit: [UInt8]) -> Bool {
        let suffix = [ASCII.underscore] + unit
        return !unit.isEmpty && family.count > suffix.count && family.hasSuffix(suffix)
    }
}

/// The lines of a distribution, by what they say.
struct DistributionLines: OptionSet, Sendable {
    let rawValue: UInt8

    /// Buckets or quantiles.
    static let values = DistributionLines(rawValue: 1)
    static let sum = DistributionLines(rawValue: 2)
    static let count = DistributionLines(rawValue: 4)
    /// With `_created`, where that is asked for.
    static let all: DistributionLines = [.values, .sum, .count]
}

/// What the formats add to the name of a family in some of its lines.
enum LineSuffix: String {
    case bucket = "_bucket"
    case sum = "_sum"
    case count = "_count"
    case created = "_created"
    case total = "_total"
    case info = "_info"

    func added(to name: [UInt8]) -> [UInt8] { name + Array(rawValue.utf8) }

    /// The name without the suffix; nil when it has none, or nothing before it.
    func removed(from name: [UInt8]) -> [UInt8]? {
        let suffix = Array(rawValue.utf8)
        return name.count > suffix.count && name.hasSuffix(suffix) ? name.dropLast(suffix.count) : nil
    }
}

extension [UInt8] {
    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
