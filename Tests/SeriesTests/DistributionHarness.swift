import Series

@testable import OTLP

/// Points of histograms and summaries as decoded; times as in `StoreHarness`.
struct TestPoint {
    var attributes = ""
    var start: Double?
    var time: Double?
    var flags: UInt32 = 0
    var count: UInt64?
    var sum: Double?
    var bounds: [Double] = []
    var counts: [UInt64] = []
    var scale: Int32 = 0
    var zeroCount: UInt64 = 0
    var zeroThreshold: Double = 0
    var positive: (offset: Int32, counts: [UInt64]) = (0, [])
    var negative: (offset: Int32, counts: [UInt64]) = (0, [])
    var quantiles: [(Double, Double)] = []
    var exemplars: [TestExemplar] = []

    var header: PointHeader {
        PointHeader(
            attributes: lasting(attributes.isEmpty ? "" : #"[{"key":"k","value":{"stringValue":"\#(attributes)"}}]"#),
            startTime: UInt64(nanoseconds(start)) ?? 0, time: UInt64(nanoseconds(time)) ?? 0, flags: flags)
    }
}

struct TestExemplar {
    var value: NumberValue
    var time: Double?
    var trace: [UInt8] = []
    var filtered = ""
}

struct TestMetric {
    var name: String
    var kind: MetricKind
    var temporality: Temporality
    var points: [TestPoint]
}

/// A histogram point; its count is the sum of its buckets unless given.
func bucketed(
    _ bounds: [Double], _ counts: [UInt64], sum: Double? = 0, start: Double? = 0, time: Double?,
    count: UInt64? = nil, attributes: String = "", exemplars: [TestExemplar] = []
) -> TestPoint {
    TestPoint(
        attributes: attributes, start: start, time: time, count: count, sum: sum, bounds: bounds, counts: counts,
        exemplars: exemplars)
}

func histogram(_ name: String, _ temporality: Temporality, _ points: TestPoint...) -> TestMetric {
    TestMetric(name: name, kind: .histogram, temporality: temporality, points: points)
}

func exponential(_ name: String, _ temporality: Temporality, _ points: TestPoint...) -> TestMetric {
    TestMetric(name: name, kind: .exponentialHistogram, temporality: temporality, points: points)
}

func summary(_ name: String, _ points: TestPoint...) -> TestMetric {
    TestMetric(name: name, kind: .summary, temporality: .unspecified, points: points)
}

/// The bytes of a text; valid until the test ends.
private func lasting(_ text: String) -> UnsafeRawBufferPointer { lasting(Array(text.utf8)) }

private func lasting(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    guard !bytes.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    memory.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(memory)
}

extension MetricsBatch {
    init(_ metrics: [TestMetric], resource: String = "", as encoding: WireEncoding = .json) {
        self.init()
        self.encoding = encoding
        let resourceText =
            resource.isEmpty ? "" : #"{"attributes":[{"key":"r","value":{"stringValue":"\#(resource)"}}]}"#
        resources = [RawResource(bytes: lasting(resourceText))]
        scopes = [RawScope(resource: 0, bytes: lasting(""), schemaURL: lasting(""))]
        for metric in metrics {
            var raw = RawMetric(
                scope: 0, name: lasting(metric.name), kind: metric.kind, temporality: metric.temporality)
            let first: Int
            switch metric.kind {
            case .histogram:
                first = points.histograms.count
                for point in metric.points { append(histogram: point) }
            case .exponentialHistogram:
                first = points.exponentialHistograms.count
                for point in metric.points { append(exponential: point) }
            default:
                first = points.summaries.count
                for point in metric.points { append(summary: point) }
            }
            raw.points = first..<first + metric.points.count
            self.metrics.append(raw)
        }
    }

    private mutating func append(histogram point: TestPoint) {
        var result = HistogramDataPoint()
        result.header = point.header
        result.count = point.count ?? point.counts.reduce(0, &+)
        result.sum = point.sum
        result.bucketCounts = append(point.counts)
        let firstBound = points.explicitBounds.count
        points.explicitBounds += point.bounds
        result.explicitBounds = firstBound..<points.explicitBounds.count
        result.exemplars = append(point.exemplars)
        points.histograms.append(result)
    }

    private mutating func append(exponential point: TestPoint) {
        var result = ExponentialHistogramDataPoint()
        result.header = point.header
        result.count =
            point.count ?? (point.positive.counts + point.negative.counts).reduce(point.zeroCount, &+)
        result.sum = point.sum
        result.scale = point.scale
        result.zeroCount = point.zeroCount
        result.zeroThreshold = point.zeroThreshold
        result.positive.offset = point.positive.offset
        result.positive.counts = append(point.positive.counts)
        result.negative.offset = point.negative.offset
        result.negative.counts = append(point.negative.counts)
        result.exemplars = append(point.exemplars)
        points.exponentialHistograms.append(result)
    }

    private mutating func append(summary point: TestPoint) {
        var result = SummaryDataPoint()
        result.header = point.header
        result.count = point.count ?? 0
        result.sum = point.sum ?? 0
        let first = points.quantiles.count
        points.quantiles += point.quantiles.map { QuantileValue(quantile: $0.0, value: $0.1) }
        result.quantiles = first..<points.quantiles.count
        points.summaries.append(result)
    }

    private mutating func append(_ counts: [UInt64]) -> Range<Int> {
        let first = points.bucketCounts.count
        points.bucketCounts += counts
        return first..<points.bucketCounts.count
    }

    private mutating func append(_ added: [TestExemplar]) -> Range<Int32> {
        let first = Int32(points.exemplars.count)
        for exemplar in added {
            let filtered =
                exemplar.filtered.isEmpty
                ? "" : #"[{"key":"\#(exemplar.filtered)","value":{"stringValue":"v"}}]"#
            points.exemplars.append(
                Exemplar(
                    filteredAttributes: lasting(filtered), time: UInt64(nanoseconds(exemplar.time)) ?? 0,
                    value: exemplar.value, traceID: lasting(exemplar.trace)))
        }
        return first..<Int32(points.exemplars.count)
    }
}

extension StoreHarness {
    /// Sends one export with these metrics.
    @discardableResult
    mutating func send(_ metrics: TestMetric..., resource: String = "") throws -> ExportOutcome {
        let batch = MetricsBatch(metrics, resource: resource)
        return try store.ingest(batch, receivedAt: UnixNanoseconds(now * 1e9))
    }

    mutating func samples(of name: String = "h") -> [SeriesSample] {
        store.snapshot(at: UnixNanoseconds(now * 1e9)).families
            .first { $0.descriptor.name == Array(name.utf8) }?.samples ?? []
    }

    /// The histogram that is the only series of its family.
    mutating func histogram(_ name: String = "h") -> HistogramValue? {
        guard case .histogram(let value)? = samples(of: name).first?.value else { return nil }
        return value
    }

    mutating func native(_ name: String = "h") -> NativeHistogramValue? {
        guard case .nativeHistogram(let value)? = samples(of: name).first?.value else { return nil }
        return value
    }

    mutating func summary(_ name: String = "h") -> SummaryValue? {
        guard case .summary(let value)? = samples(of: name).first?.value else { return nil }
        return value
    }
}
