internal import CClientModel
internal import OTLP
internal import Series

/// Builds `io.prometheus.client.Metric` messages (R-PBX-02).
/// https://github.com/prometheus/client_model/blob/v0.6.1/io/prometheus/client/metrics.proto
final class MetricMessage {
    typealias Message = Io__Prometheus__Client__Metric

    /// Memory limit of one message: enough for 64 labels of 4 KiB and the maximum number of buckets.
    static let limitBytes = 16 << 20

    private let arena: MessageArena
    /// For the labels of the current message.
    private var escaping = NameEscaping.allowUTF8
    let settings: ExpositionSettings

    init(settings: ExpositionSettings, limitBytes: Int = MetricMessage.limitBytes) {
        arena = MessageArena(limitBytes: limitBytes)
        self.settings = settings
    }

    /// Appends the packed message to `output`.
    /// - Returns: false, without appending, if the sample cannot be represented in this format.
    func append(
        _ sample: SeriesSample, type: FamilyType, escaping: NameEscaping, to output: inout [UInt8]
    ) -> Bool {
        arena.reset()
        self.escaping = escaping
        guard var metric = metric(of: sample, type: type), !arena.isExhausted else { return false }
        return withUnsafePointer(to: &metric.base) { base in
            let size = protobuf_c_message_get_packed_size(base)
            let start = output.count
            output.append(contentsOf: repeatElement(0, count: size))
            output.withUnsafeMutableBufferPointer { bytes in
                if let address = bytes.baseAddress { _ = protobuf_c_message_pack(base, address + start) }
            }
            return true
        }
    }

    /// The message, valid until the next one is made.
    private func metric(of sample: SeriesSample, type: FamilyType) -> Message? {
        var metric = Message()
        io__prometheus__client__metric__init(&metric)
        (metric.n_label, metric.label) = labels(sample.labels)
        if settings.timestamps, sample.time != 0 {
            metric.has_timestamp_ms = 1
            metric.timestamp_ms = Int64(sample.time / 1_000_000)
        }
        switch sample.value {
        case .number(let value):
            set(value, of: sample, type: type, in: &metric)
        case .histogram(let value):
            metric.histogram = histogram(value, of: sample)
        case .nativeHistogram(let value):
            guard let layout = NativeLayout(value) else { return nil }
            metric.histogram = histogram(value, layout, of: sample)
        case .summary(let value):
            metric.summary = summary(value, of: sample)
        }
        return metric
    }

    private func set(_ value: SampleValue, of sample: SeriesSample, type: FamilyType, in metric: inout Message) {
        switch type {
        case .counter:
            var counter = Io__Prometheus__Client__Counter()
            io__prometheus__client__counter__init(&counter)
            counter.has_value = 1
            counter.value = value.asDouble
            counter.exemplar = sample.exemplars.last.flatMap(exemplar)
            counter.start_timestamp = timestamp(sample.startTime)
            metric.counter = arena.make(counter)
        case .unknown:
            var untyped = Io__Prometheus__Client__Untyped()
            io__prometheus__client__untyped__init(&untyped)
            untyped.has_value = 1
            untyped.value = value.asDouble
            metric.untyped = arena.make(untyped)
        case .gauge, .info, .stateset, .histogram, .nativeHistogram, .summary:
            var gauge = Io__Prometheus__Client__Gauge()
            io__prometheus__client__gauge__init(&gauge)
            gauge.has_value = 1
            gauge.value = value.asDouble
            metric.gauge = arena.make(gauge)
        }
    }

    private func summary(_ value: SummaryValue, of sample: SeriesSample)
        -> UnsafeMutablePointer<Io__Prometheus__Client__Summary>?
    {
        var summary = Io__Prometheus__Client__Summary()
        io__prometheus__client__summary__init(&summary)
        summary.has_sample_count = 1
        summary.sample_count = value.count
        summary.has_sample_sum = 1
        summary.sample_sum = value.sum
        summary.n_quantile = value.quantiles.count
        summary.quantile = arena.list(value.quantiles) { source in
            var quantile = Io__Prometheus__Client__Quantile()
            io__prometheus__client__quantile__init(&quantile)
            quantile.has_quantile = 1
            quantile.quantile = source.quantile
            quantile.has_value = 1
            quantile.value = source.value
            return arena.make(quantile)
        }
        summary.start_timestamp = timestamp(sample.startTime)
        return arena.make(summary)
    }

    /// Label pairs, sorted by name as in the label set (R-PBX-07).
    private func labels(_ text: [UInt8])
        -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Io__Prometheus__Client__LabelPair>?>?)
    {
        let labels =
            settings.hasQuotedLabelNames
            ? RenderedLabels.all(in: text, escaping: escaping) : RenderedLabels.all(in: text)
        let list = arena.list(labels) { label in
            var pair = Io__Prometheus__Client__LabelPair()
            io__prometheus__client__label_pair__init(&pair)
            pair.has_name = 1
            pair.name = arena.bytes(label.name)
            pair.has_value = 1
            pair.value = arena.bytes(label.value)
            return arena.make(pair)
        }
        return (labels.count, list)
    }

    /// Nil if the time is not known (R-ST-02).
    private func timestamp(_ time: UnixNanoseconds) -> UnsafeMutablePointer<Io__Prometheus__Client__Timestamp>? {
        guard time != 0 else { return nil }
        var timestamp = Io__Prometheus__Client__Timestamp()
        io__prometheus__client__timestamp__init(&timestamp)
        timestamp.has_seconds = 1
        timestamp.seconds = Int64(time / 1_000_000_000)
        timestamp.has_nanos = 1
        timestamp.nanos = Int32(time % 1_000_000_000)
        return arena.make(timestamp)
    }

    private func exemplar(_ source: SampleExemplar) -> UnsafeMutablePointer<Io__Prometheus__Client__Exemplar>? {
        var exemplar = Io__Prometheus__Client__Exemplar()
        io__prometheus__client__exemplar__init(&exemplar)
        (exemplar.n_label, exemplar.label) = labels(source.labels)
        exemplar.has_value = 1
        exemplar.value = source.value.asDouble
        exemplar.timestamp = timestamp(source.time)
        return arena.make(exemplar)
    }
}

// Histograms, classic and native.
extension MetricMessage {
    private func histogram(_ value: HistogramValue, of sample: SeriesSample)
        -> UnsafeMutablePointer<Io__Prometheus__Client__Histogram>?
    {
        var histogram = histogram(count: value.count, sum: value.sum, of: sample)
        let buckets = ClassicBucket.buckets(of: value, exemplars: sample.exemplars)
        histogram.n_bucket = buckets.count
        histogram.bucket = arena.list(buckets) { source in
            var bucket = Io__Prometheus__Client__Bucket()
            io__prometheus__client__bucket__init(&bucket)
            bucket.has_cumulative_count = 1
            bucket.cumulative_count = source.cumulativeCount
            bucket.has_upper_bound = 1
            bucket.upper_bound = source.upperBound
            bucket.exemplar = source.exemplar.flatMap(exemplar)
            return arena.make(bucket)
        }
        return arena.make(histogram)
    }

    /// R-PBX-04.
    private func histogram(_ value: NativeHistogramValue, _ layout: NativeLayout, of sample: SeriesSample)
        -> UnsafeMutablePointer<Io__Prometheus__Client__Histogram>?
    {
        var histogram = histogram(count: layout.count, sum: value.sum, of: sample)
        histogram.has_schema = 1
        histogram.schema = layout.schema
        histogram.has_zero_threshold = 1
        histogram.zero_threshold = layout.zeroThreshold
        histogram.has_zero_count = 1
        histogram.zero_count = value.zeroCount
        histogram.n_positive_span = layout.positive.spans.count
        histogram.positive_span = arena.list(layout.positive.spans, span)
        histogram.n_positive_delta = layout.positive.deltas.count
        histogram.positive_delta = arena.numbers(layout.positive.deltas)
        histogram.n_negative_span = layout.negative.spans.count
        histogram.negative_span = arena.list(layout.negative.spans, span)
        histogram.n_negative_delta = layout.negative.deltas.count
        histogram.negative_delta = arena.numbers(layout.negative.deltas)
        histogram.n_exemplars = sample.exemplars.count
        histogram.exemplars = arena.list(sample.exemplars, exemplar)
        return arena.make(histogram)
    }

    private func histogram(count: UInt64, sum: Double?, of sample: SeriesSample) -> Io__Prometheus__Client__Histogram {
        var histogram = Io__Prometheus__Client__Histogram()
        io__prometheus__client__histogram__init(&histogram)
        histogram.has_sample_count = 1
        histogram.sample_count = count
        if let sum {
            histogram.has_sample_sum = 1
            histogram.sample_sum = sum
        }
        histogram.start_timestamp = timestamp(sample.startTime)
        return histogram
    }

    private func span(_ source: NativeLayout.Span) -> UnsafeMutablePointer<Io__Prometheus__Client__BucketSpan>? {
        var span = Io__Prometheus__Client__BucketSpan()
        io__prometheus__client__bucket_span__init(&span)
        span.has_offset = 1
        span.offset = source.offset
        span.has_length = 1
        span.length = source.length
        return arena.make(span)
    }
}
