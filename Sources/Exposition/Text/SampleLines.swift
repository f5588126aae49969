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
            guard line >= value.bounds.count else {
                if let bucket = buckets.bucket(line, of: value, exemplars: sample.exemplars) {
                    parts.append(bucket, to: &text)
                }
                return true
            }
            return appendTotals(line - value.bounds.count, Totals(value, style: style), parts: parts, to: &text)
        case .nativeHistogram(let value):
            return appendTotals(line, Totals(value), parts: parts, to: &text)
        case .summary(let value):
            guard line >= value.quantiles.count else {
                parts.append(quantile: value.quantiles[line], to: &text)
                return true
            }
            // A summary has no bucket that holds all.
            return appendTotals(line - value.quantiles.count + 1, Totals(value), parts: parts, to: &text)
        }
        return true
    }

    /// The line `index` of those that every distribution ends with: +Inf, sum, count, created.
    private mutating func appendTotals(
        _ index: Int, _ totals: Totals, parts: LineParts, to text: inout [UInt8]
    ) -> Bool {
        switch index {
        case 0:
            parts.append(buckets.last(count: totals.count, exemplars: parts.sample.exemplars), to: &text)
        case 1:
            if let sum = totals.sum { parts.append(sum: sum, to: &text) }
        case 2:
            // In OpenMetrics there is none without a sum (R-OM-17).
            if totals.sum != nil || !parts.style.isOpenMetrics { parts.append(totalCount: totals.count, to: &text) }
        case 3:
            parts.appendCreated(to: &text)
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

    init(_ value: HistogramValue, style: LineStyle) {
        count = value.count
        // With observations below zero a sum may fall, which OpenMetrics forbids (R-OM-14).
        let hasNegativeBound = (value.bounds.first ?? 0) < 0
        sum = hasNegativeBound && style.isOpenMetrics ? nil : value.sum
    }

    init(_ value: NativeHistogramValue) {
        count = value.count
        sum = value.sum
    }

    init(_ value: SummaryValue) {
        count = value.count
        sum = value.sum
    }
}
