internal import OTLP
internal import Series

/// The heads of an OpenMetrics page. It has every sample of the text format, except those that no type allows: a family
/// that breaks the rules of its type is shown as a type without rules.
extension FamilyHead {
    /// The heads in the order of the families.
    ///
    /// A type claims names beyond those of its lines: a counter `c_total` also `c` and `c_created`, whether or not
    /// there is such a line. Names that others have in any format stay theirs; of two families that claim one name the
    /// distribution gets it, else the first (R-OM-06). A counter that does not get its names is `unknown`, a histogram
    /// or summary becomes one `unknown` family for its buckets or quantiles, one for its sums and one for its counts.
    /// So a type depends only on the families of the page, not on earlier pages.
    static func openMetricsHeads(of families: [FamilySnapshot], escaping: NameEscaping) -> [FamilyHead] {
        var taken = Set<[UInt8]>(minimumCapacity: 3 * families.count)
        var heads = heads(of: families, escaping: escaping).filter { take($0.lineNames, from: &taken) }
        let isDistribution = heads.map { [.histogram, .nativeHistogram, .summary].contains($0.type) }
        for wanted in [true, false] {
            for position in heads.indices where isDistribution[position] == wanted {
                let samples = families[heads[position].index].samples
                if !heads[position].takeType(for: samples, escaping: escaping, from: &taken) {
                    heads[position].type = heads[position].type.withoutRules
                }
            }
        }
        return heads.flatMap { head in
            head.type == .unknown ? head.split(families[head.index]) : [head]
        }
    }

    /// Claims the names of the type, and removes their suffix from the family's name (R-OM-04). False if the samples
    /// break the rules of the type (R-OM-08, R-OM-09, R-OM-15, R-OM-16) or the names are not available.
    private mutating func takeType(
        for samples: [SeriesSample], escaping: NameEscaping, from taken: inout Set<[UInt8]>
    ) -> Bool {
        switch type {
        case .gauge, .unknown: return true
        case .counter:
            let name = Array(LineSuffix.total.removed(from: family[...]))
            guard name.count < family.count, samples.allSatisfy(\.value.isCount),
                Self.take([name, LineSuffix.created.added(to: name)], from: &taken)
            else { return false }
            family = name
        case .info:
            let name = Array(LineSuffix.info.removed(from: family[...]))
            guard name.count < family.count, samples.allSatisfy(\.value.isOne),
                Self.take([name], from: &taken)
            else { return false }
            family = name
            // All samples are one group, whose lines all have times or none.
            hidesTimes = samples.contains { $0.time == 0 }
        case .stateset:
            // If states become equal, some get other names for their labels, including the label of the state.
            return LabelEscapes(escaping, of: samples).isUniform
                && samples.allSatisfy { sample in
                    (sample.value.isOne || sample.value.isZero)
                        && RenderedLabels.all(in: sample.labels, escaping: escaping).contains { $0.name == family }
                }
        case .histogram, .nativeHistogram:
            return Self.take([family, LineSuffix.created.added(to: family)], from: &taken)
        case .summary:
            return samples.allSatisfy(\.value.hasQuantiles)
                && Self.take([LineSuffix.created.added(to: family)], from: &taken)
        }
        return true
    }

    /// Claims all names or, if one of them is not free, none.
    private static func take(_ names: [[UInt8]], from taken: inout Set<[UInt8]>) -> Bool {
        for (position, name) in names.enumerated() where !taken.insert(name).inserted {
            for name in names[..<position] { taken.remove(name) }
            return false
        }
        return true
    }

    /// The names of the family's lines, whatever its final type.
    private var lineNames: [[UInt8]] {
        switch type {
        case .histogram, .nativeHistogram: [LineSuffix.bucket, .sum, .count].map { $0.added(to: sample) }
        case .summary: [sample, LineSuffix.sum.added(to: sample), LineSuffix.count.added(to: sample)]
        case .counter, .gauge, .unknown, .info, .stateset: [sample]
        }
    }

    /// A head for each name of lines; distributions are split.
    private func split(_ snapshot: FamilySnapshot) -> [FamilyHead] {
        let names: [[UInt8]]
        switch snapshot.descriptor.type {
        case .histogram, .nativeHistogram: names = [LineSuffix.bucket, .sum, .count].map { $0.added(to: sample) }
        case .summary: names = [sample, LineSuffix.sum.added(to: sample), LineSuffix.count.added(to: sample)]
        case .counter, .gauge, .unknown, .info, .stateset: return [self]
        }
        return zip(names, [DistributionLines.values, .sum, .count]).compactMap { name, lines in
            guard snapshot.samples.contains(where: { $0.value.has(lines) }) else { return nil }
            var head = self
            head.family = name
            head.lines = lines
            return head
        }
    }
}

extension FamilyType {
    /// The type of a family that breaks the rules of this type.
    fileprivate var withoutRules: FamilyType {
        switch self {
        case .counter, .histogram, .nativeHistogram, .summary, .unknown: .unknown
        case .gauge, .info, .stateset: .gauge
        }
    }
}

extension SeriesValue {
    /// Whether it is valid in a counter of OpenMetrics: neither negative nor NaN.
    fileprivate var isCount: Bool {
        switch self {
        case .number(.int(let number)): number >= 0
        case .number(.double(let number)): number >= 0
        case .histogram, .nativeHistogram, .summary: false
        }
    }

    /// Whether it is valid in a summary of OpenMetrics: no negative values, and all quantiles in range.
    fileprivate var hasQuantiles: Bool {
        guard case .summary(let value) = self else { return false }
        return value.quantiles.allSatisfy { 0...1 ~= $0.quantile && !($0.value < 0) }
    }

    fileprivate var isOne: Bool { self == .int(1) || self == .double(1) }

    fileprivate var isZero: Bool { self == .int(0) || self == .double(0) }

    /// Whether a distribution has any of these lines.
    fileprivate func has(_ lines: DistributionLines) -> Bool {
        switch self {
        case .number: false
        case .histogram(let value): lines != .sum || value.sum != nil
        case .nativeHistogram(let value): lines != .sum || value.sum != nil
        case .summary(let value): lines != .values || !value.quantiles.isEmpty
        }
    }
}
