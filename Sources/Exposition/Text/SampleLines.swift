internal import OTLP
internal import Series

/// The lines of one sample, one after the other: a distribution has one a bucket and some more.
///
/// Only one line is in memory at a time, so a histogram with many buckets and long labels costs no more than another.
struct SampleLines: Sendable {
    /// The next line; what each is, its type decides.
    private var line = 0
    private var buckets = ClassicBucket.Cursor()

    /// Appends the next line of `sample` to `text`, or nothing where a line is left out. False when there is none left.
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
            // A summary has no bucket that holds all.
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

/// What the last lines of a distribution say.
private struct Totals {
    var count: UInt64
    /// nil when the format or the value has none.
    var sum: Double?
    /// Whether there is a line of its own for the count.
    var showsCount = true
}

extension LineParts {
    fileprivate func totals(of value: HistogramValue) -> Totals {
        // With observations below zero a sum may fall, which OpenMetrics forbids (R-OM-14).
        totals(count: value.count, sum: value.sum, mayFall: (value.bounds.first ?? 0) < 0)
    }

    /// The sums of OpenMetrics are counters: one that is none is left out (R-OM-14), and the count of a histogram with it
    /// (R-OM-17), which its last bucket says. Lines that are families of their own have no such rule.
    fileprivate func totals(count: UInt64, sum: Double?, mayFall: Bool = false) -> Totals {
        guard style.isOpenMetrics, head.lines == .all else { return Totals(count: count, sum: sum) }
        let isCounter = sum.map { $0 >= 0 && $0.isFinite } ?? false
        guard isCounter, !mayFall else { return Totals(count: count, showsCount: head.type == .summary) }
        return Totals(count: count, sum: sum)
    }
}
