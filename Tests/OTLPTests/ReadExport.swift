import Settings

@testable import OTLP

/// The decoded content of a batch: equal for equal exports in any encoding.
struct ReadExport: Equatable {
    struct Metric: Equatable {
        var resource = Resource()
        var scope = Scope()
        var name = ""
        var kind = MetricKind.none
        var temporality = Temporality.unspecified
        var isMonotonic = false
        var metadata: [Attribute] = []
        var points: [Point] = []
    }

    /// A point of any kind; fields of other kinds have their defaults.
    struct Point: Equatable {
        var attributes: [Attribute] = []
        var startTime: UInt64 = 0
        var time: UInt64 = 0
        var flags: UInt32 = 0
        var value = NumberValue.missing
        var count: UInt64 = 0
        var sum: Double?
        var bucketCounts: [UInt64] = []
        var explicitBounds: [Double] = []
        var scale: Int32 = 0
        var zeroCount: UInt64 = 0
        var zeroThreshold = 0.0
        var positive = Buckets()
        var negative = Buckets()
        var quantiles: [QuantileValue] = []
        var exemplars: [Exemplar] = []
    }

    struct Buckets: Equatable {
        var offset: Int32 = 0
        var counts: [UInt64] = []
    }

    struct Exemplar: Equatable {
        var attributes: [Attribute] = []
        var time: UInt64 = 0
        var value = NumberValue.missing
        var traceID: [UInt8] = []
        var spanID: [UInt8] = []
    }

    var metrics: [Metric] = []

    init(_ batch: borrowing MetricsBatch, limits: DecodingLimits = DecodingLimits()) throws {
        let reader = AttributeReader(encoding: batch.encoding, limits: limits)
        for raw in batch.metrics {
            let scope = batch.scopes[Int(raw.scope)]
            var metric = Metric()
            metric.resource = try reader.resource(batch.resources[Int(scope.resource)].bytes)
            metric.scope = try reader.scope(scope.bytes)
            metric.scope.schemaURL = Array(scope.schemaURL)
            metric.name = text(raw.name)
            metric.kind = raw.kind
            metric.temporality = raw.temporality
            metric.isMonotonic = raw.isMonotonic
            metric.metadata = try reader.attributes(raw.metadata)
            for index in raw.points {
                metric.points.append(try Self.point(index, of: raw.kind, in: batch, reader))
            }
            metrics.append(metric)
        }
    }

    /// Decodes `body`, which ends where readable memory ends.
    init(_ body: [UInt8], as encoding: WireEncoding, limits: DecodingLimits = DecodingLimits()) throws {
        let guarded = GuardedBytes(capacity: body.count)
        self = try guarded.withCopy(of: body) { raw in
            var batch = MetricsBatch(limits: limits)
            try batch.decode(raw, as: encoding)
            return try ReadExport(batch, limits: limits)
        }
    }

    private static func point(
        _ index: Int, of kind: MetricKind, in batch: borrowing MetricsBatch, _ reader: AttributeReader
    ) throws -> Point {
        var result: Point
        switch kind {
        case .none:
            result = Point()
        case .gauge, .sum:
            let point = batch.points.numbers[index]
            result = Point(
                attributes: try reader.attributes(point.attributes), startTime: point.startTime, time: point.time,
                flags: point.flags, value: point.value)
            result.exemplars = try exemplars(point.exemplars, in: batch, reader)
        case .histogram:
            let point = batch.points.histograms[index]
            result = try Self.point(point.header, count: point.count, sum: point.sum, reader)
            result.bucketCounts = Array(batch.points.bucketCounts[point.bucketCounts])
            result.explicitBounds = Array(batch.points.explicitBounds[point.explicitBounds])
            result.exemplars = try exemplars(point.exemplars, in: batch, reader)
        case .exponentialHistogram:
            let point = batch.points.exponentialHistograms[index]
            result = try Self.point(point.header, count: point.count, sum: point.sum, reader)
            result.scale = point.scale
            result.zeroCount = point.zeroCount
            result.zeroThreshold = point.zeroThreshold
            result.positive = buckets(point.positive, in: batch)
            result.negative = buckets(point.negative, in: batch)
            result.exemplars = try exemplars(point.exemplars, in: batch, reader)
        case .summary:
            let point = batch.points.summaries[index]
            result = try Self.point(point.header, count: point.count, sum: point.sum, reader)
            result.quantiles = Array(batch.points.quantiles[point.quantiles])
        }
        return result
    }

    private static func point(
        _ header: PointHeader, count: UInt64, sum: Double?, _ reader: AttributeReader
    ) throws -> Point {
        Point(
            attributes: try reader.attributes(header.attributes), startTime: header.startTime, time: header.time,
            flags: header.flags, count: count, sum: sum)
    }

    private static func buckets(_ buckets: ExponentialBuckets, in batch: borrowing MetricsBatch) -> Buckets {
        Buckets(offset: buckets.offset, counts: Array(batch.points.bucketCounts[buckets.counts]))
    }

    private static func exemplars(
        _ range: Range<Int32>, in batch: borrowing MetricsBatch, _ reader: AttributeReader
    ) throws -> [Exemplar] {
        var result: [Exemplar] = []
        for index in range {
            let raw = batch.points.exemplars[Int(index)]
            result.append(
                Exemplar(
                    attributes: try reader.attributes(raw.filteredAttributes), time: raw.time, value: raw.value,
                    traceID: Array(raw.traceID), spanID: Array(raw.spanID)))
        }
        return result
    }
}
