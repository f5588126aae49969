internal import OTLP
internal import Series

/// The lines of one sample, one after the other: a distribution has one for each bucket and some more.
///
/// Only one line is in memory at a time, so a histogram with many buckets and long labels needs no more memory.
struct SampleLines: Sendable {
    /// The next line; its meaning depends on the type.
    private var line = 0
    private var buckets = ClassicBucket.Cursor()

    /// Appends the next line of `sample` to `text`, or nothing if a line is left out. False if there is none left.
    mutating func appendNext(of sample: SeriesSample, head: FamilyHead, style: LineStyle, to text: inout [UInt8])
        -> Bool
    {
        defer { line += 1 }
        let parts = LineParts(sample: sample, head: head, style: style)
        switch sample.value {
        case .number(let value):
            guard line > 0 else {
                let exemplar = head.type == .counter ? sample.exemplars.last : nil
                parts.append(number: value, exemplar: exemplar, to: &text)
                return true
            }
            guard line == 1 else { return false }
            if head.type == .counter { parts.appendCreated(to: &text) }
        case .histogram(let value):
            guard !head.lines.contains(.values) || line >= value.bounds.count else {
                if let bucket = buckets.bucket(line, of: value, exemplars: sample.exemplars) {
                    parts.append(bucket, to: &text)
                }
                return true
            }
            let index = head.lines.contains(.values) ? line - value.bounds.count : line
            return appendTotals(index, parts.totals(of: value), parts: parts, to: &text)
        case .nativeHistogram(let value):
            return appendTotals(line, parts.totals(count: value.count, sum: value.sum), parts: parts, to: &text)
        case .summary(let value):
            guard !head.lines.contains(.values) || line >= value.quantiles.count else {
                parts.append(quantile: value.quantiles[line], to: &text)
                return true
            }
            let index = head.lines.contains(.values) ? line - value.quantiles.count : line
            // A summary has no bucket of all observations.
            return appendTotals(
                index + 1, parts.totals(count: value.count, sum: value.sum), parts: parts, to: &text)
        }
        return true
    }

    /// The line `index` of those that every distribution ends with: +Inf, sum, count, created.
    private mutating func appendTotals(
        _ index: Int, _ totals: Totals, parts: LineParts, to text: inout [UInt8]
    ) -> Bool {
        let lines = parts.head.lines
        switch index {
        case 0 where lines.contains(.values):
            parts.append(buckets.last(count: totals.count, exemplars: parts.sample.exemplars), to: &text)
        case 1 where lines.contains(.sum):
            if let sum = totals.sum { parts.append(sum: sum, to: &text) }
        case 2 where lines.contains(.count):
            if totals.showsCount { parts.append(totalCount: totals.count, to: &text) }
        case 3 where lines == .all:
            parts.appendCreated(to: &text)
        case 0...3: break
        default: return false
        }
        return true
    }
}

/// The values of the last lines of a distribution.
private struct Totals {
    var count: UInt64
    /// Nil if the format or the value has none.
    var sum: Double?
    /// Whether there is a separate line for the count.
    var showsCount = true
}

extension LineParts {
    fileprivate func totals(of value: HistogramValue) -> Totals {
        // With observations below zero a sum may fall, which OpenMetrics forbids (R-OM-14).
        totals(count: value.count, sum: value.sum, mayFall: (value.bounds.first ?? 0) < 0)
    }

    /// Sums in OpenMetrics are counters: an invalid one is left out (R-OM-14), and the count of a histogram with it
    /// (R-OM-17), which is also in its last bucket. Lines that are separate families have no such rule.
    fileprivate func totals(count: UInt64, sum: Double?, mayFall: Bool = false) -> Totals {
        guard style.isOpenMetrics, head.lines == .all else { return Totals(count: count, sum: sum) }
        let isCounter = sum.map { $0 >= 0 && $0.isFinite } ?? false
        guard isCounter, !mayFall else { return Totals(count: count, showsCount: head.type == .summary) }
        return Totals(count: count, sum: sum)
    }
}
