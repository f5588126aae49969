internal import OTLP
internal import Series

/// Lines of one sample, each put together from its parts.
struct LineParts {
    let sample: SeriesSample
    let head: FamilyHead
    let style: LineStyle

    func append(number: SampleValue, exemplar: SampleExemplar?, to text: inout [UInt8]) {
        append(name: head.sample, to: &text)
        text.append(number: number, isOpenMetrics: style.isOpenMetrics)
        finish(exemplar: exemplar, to: &text)
    }

    func append(_ bucket: ClassicBucket, to text: inout [UInt8]) {
        append(name: head.sample, suffix: .bucket, label: "le", bucket.upperBound, to: &text)
        text.append(count: bucket.cumulativeCount)
        finish(exemplar: head.lines == .all ? bucket.exemplar : nil, to: &text)
    }

    func append(quantile: QuantileValue, to text: inout [UInt8]) {
        append(name: head.sample, label: "quantile", quantile.quantile, to: &text)
        text.append(number: .double(quantile.value), isOpenMetrics: style.isOpenMetrics)
        finish(exemplar: nil, to: &text)
    }

    func append(sum: Double, to text: inout [UInt8]) {
        append(name: head.sample, suffix: .sum, to: &text)
        text.append(number: .double(sum), isOpenMetrics: style.isOpenMetrics)
        finish(exemplar: nil, to: &text)
    }

    func append(totalCount: UInt64, to text: inout [UInt8]) {
        append(name: head.sample, suffix: .count, to: &text)
        text.append(count: totalCount)
        finish(exemplar: nil, to: &text)
    }

    /// The start time of the total (R-ST-01), if enabled and known (R-ST-02).
    func appendCreated(to text: inout [UInt8]) {
        guard style.isOpenMetrics, style.settings.createdTimestamps, sample.startTime != 0 else { return }
        append(name: head.createdStem, suffix: .created, to: &text)
        text.append(seconds: sample.startTime)
        finish(exemplar: nil, to: &text)
    }

    /// Name, labels and the space before the value.
    private func append(
        name: [UInt8], suffix: LineSuffix = .none, label: StaticString? = nil, _ value: Double = 0,
        to text: inout [UInt8]
    ) {
        var last: [UInt8] = []
        if let label {
            last.append(text: label)
            last.append(text: "=\"")
            CanonicalFloat.append(value, isOpenMetrics: style.isOpenMetrics, to: &last)
            last.append(UInt8(ascii: "\""))
        }
        text.append(
            series: name, suffix: suffix, isQuoted: head.isQuoted, labels: shown(sample.labels), last: last)
        text.append(UInt8(ascii: " "))
    }

    /// The rest after the value; exemplars in OpenMetrics only (R-EX-04).
    private func finish(exemplar: SampleExemplar?, to text: inout [UInt8]) {
        text.append(sampleTime: sample.time, style: style)
        if style.isOpenMetrics, let exemplar {
            text.append(text: " # {")
            text.append(contentsOf: shown(exemplar.labels))
            text.append(text: "} ")
            text.append(number: exemplar.value, isOpenMetrics: true)
            if exemplar.time != 0 {
                text.append(UInt8(ascii: " "))
                text.append(seconds: exemplar.time)
            }
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func shown(_ labels: [UInt8]) -> [UInt8] {
        style.settings.hasQuotedLabelNames ? RenderedLabels.rendered(labels, escaping: style.escaping) : labels
    }
}
