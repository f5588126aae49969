internal import Series

/// How one family is named and typed in one exposition.
struct FamilyHead: Sendable {
    /// What TYPE, UNIT and HELP are about, and what suffixes are added to.
    var family: [UInt8]
    /// The name of samples that are plain numbers: `family`, in OpenMetrics with `_total` or `_info`.
    var sample: [UInt8]
    var type: FamilyType
    /// Whether both names need quotes.
    var isQuoted: Bool

    /// The heads of all families, in their order.
    ///
    /// No two share a name as long as those of `families` are unique: what would clash after escaping gets the
    /// `values` scheme instead, and a counter whose OpenMetrics name is taken keeps its whole name (R-OM-06).
    static func heads(
        of families: [FamilySnapshot], escaping: NameEscaping, isOpenMetrics: Bool
    ) -> [FamilyHead] {
        var heads = families.map { family in
            let name = escaping.familyName(family.descriptor.name)
            return FamilyHead(
                family: name, sample: name, type: family.descriptor.type,
                isQuoted: escaping == .allowUTF8 && !LegacyName.isFamilyName(name))
        }
        let hasEscaped = zip(heads, families).contains { $0.family != $1.descriptor.name }
        guard hasEscaped || isOpenMetrics else { return heads }
        var taken = Set(families.map(\.descriptor.name))
        if hasEscaped {
            for (index, family) in families.enumerated() where heads[index].family != family.descriptor.name {
                if taken.contains(heads[index].family) {
                    heads[index].family = NameEscaping.values.familyName(family.descriptor.name)
                    heads[index].sample = heads[index].family
                }
                taken.insert(heads[index].family)
            }
        }
        if isOpenMetrics {
            for index in heads.indices { heads[index].becomeOpenMetrics(families[index], taken: &taken) }
        }
        return heads
    }

    /// Takes the suffix that OpenMetrics wants on samples only off the family's name (R-OM-04, R-OM-15). A family that
    /// does not keep the rules of its type is shown as a type without such rules (R-OM-08, R-OM-09).
    private mutating func becomeOpenMetrics(_ snapshot: FamilySnapshot, taken: inout Set<[UInt8]>) {
        switch type {
        case .counter:
            let isValid = snapshot.samples.allSatisfy { $0.value.isCount }
            if !isValid || !take(suffix: "_total", from: &taken) { type = .unknown }
        case .info:
            let isValid = snapshot.samples.allSatisfy { $0.value.isOne }
            if !isValid || !take(suffix: "_info", from: &taken) { type = .gauge }
        case .stateset:
            if !snapshot.isStateSet(named: family) { type = .gauge }
        case .gauge, .histogram, .nativeHistogram, .summary, .unknown: break
        }
    }

    /// False when the name does not end in the suffix or what is left is another family's name.
    private mutating func take(suffix: String, from taken: inout Set<[UInt8]>) -> Bool {
        let suffix = Array(suffix.utf8)
        guard family.count > suffix.count, family.suffix(suffix.count).elementsEqual(suffix) else { return false }
        let name = Array(family.dropLast(suffix.count))
        guard taken.insert(name).inserted else { return false }
        family = name
        return true
    }
}

extension FamilySnapshot {
    /// Whether every sample has a label named like the family and is 0 or 1 (R-OM-15).
    fileprivate func isStateSet(named name: [UInt8]) -> Bool {
        samples.allSatisfy { sample in
            (sample.value.isOne || sample.value.isZero)
                && RenderedLabels.all(in: sample.labels).contains { $0.name == name }
        }
    }
}

extension SeriesValue {
    /// Whether a counter of OpenMetrics may show it: a number that is neither negative nor NaN.
    fileprivate var isCount: Bool {
        switch self {
        case .number(.int(let number)): number >= 0
        case .number(.double(let number)): number >= 0
        case .histogram, .nativeHistogram, .summary: false
        }
    }

    fileprivate var isOne: Bool { self == .int(1) || self == .double(1) }

    fileprivate var isZero: Bool { self == .int(0) || self == .double(0) }
}
