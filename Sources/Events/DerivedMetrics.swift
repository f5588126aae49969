internal import Bytes
internal import OTLP

/// The points made of events, as `ExportMetricsServiceRequest` in protobuf: one point for each event and metric, so
/// that a duplicate event can be recognised in each of them.
struct DerivedMetrics {
    /// The scope of all derived metrics.
    static let scopeName = Array(EventSettings.scopeName.utf8)

    private let metrics: [RulePlan.Metric]
    /// The points of the current resource, by metric: fields `data_points` one after the other.
    private var points: [WireWriter]
    private var touched: [Int] = []
    private var pointBytes = 0
    /// The point being made.
    private var point = WireWriter()
    private var export = WireWriter()

    /// The export of the resources that have ended.
    var body: [UInt8] { export.bytes }

    /// Bytes so far.
    var count: Int { body.count + pointBytes }

    init(_ metrics: [RulePlan.Metric]) {
        self.metrics = metrics
        points = [WireWriter](repeating: WireWriter(), count: metrics.count)
    }

    /// - Parameters:
    ///   - labels: `KeyValue` messages; empty ones are left out.
    ///   - marks: those of `HashMarks`, likewise.
    ///   - identity: the identity of the event, nil for none; see `PointFlags.isEvent`.
    mutating func append(
        _ value: NumberValue, to metric: Int, labels: some Sequence<WireWriter>, marks: [WireWriter], identity: UInt64?,
        time: UnixNanoseconds
    ) {
        let shape = metrics[metric].shape
        point.removeAll()
        if let identity { point.field(2, fixed64: identity) }
        if time != 0 { point.field(3, fixed64: time) }
        switch (shape, value) {
        case (_, .missing): return
        case (.counter, .int(let number)): point.field(6, fixed64: UInt64(bitPattern: number))
        case (.counter, .double(let number)): point.field(4, fixed64: number.bitPattern)
        case (.buckets, .int(let number)), (.exponential, .int(let number)): observe(Double(number), shape)
        case (.buckets, .double(let number)), (.exponential, .double(let number)): observe(number, shape)
        }
        for label in labels where !label.bytes.isEmpty { point.field(shape.attributesField, label.bytes) }
        for mark in marks where !mark.bytes.isEmpty { point.field(shape.attributesField, mark.bytes) }
        if identity != nil { point.field(shape.flagsField, varint: UInt64(PointFlags.isEvent)) }
        if points[metric].bytes.isEmpty { touched.append(metric) }
        let before = points[metric].bytes.count
        points[metric].field(1, point.bytes)
        pointBytes += points[metric].bytes.count - before
    }

    /// Count, sum and buckets of a histogram with one observation.
    private mutating func observe(_ value: Double, _ shape: RulePlan.Metric.Shape) {
        point.field(4, fixed64: 1)
        point.field(5, fixed64: value.bitPattern)
        switch shape {
        case .counter: break
        case .buckets(let bounds):
            let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
            point.field(6) { counts in
                for index in 0...bounds.count { counts.word(index == bucket ? 1 : 0) }
            }
            point.field(7) { packed in
                for bound in bounds { packed.word(bound.bitPattern) }
            }
        case .exponential:
            point.field(6, zigZag: ExponentialBucket.scale)
            guard let index = ExponentialBucket.index(of: value) else { return point.field(7, fixed64: 1) }
            point.field(8) { buckets in
                buckets.field(1, zigZag: index)
                buckets.field(2, [1])
            }
        }
    }

    /// Ends a resource: what was appended since the previous one belongs to it.
    /// - Parameter resource: a `Resource` message.
    mutating func finish(resource: [UInt8]) {
        guard !touched.isEmpty else { return }
        touched.sort()
        Self.write(resource, touched, of: metrics, points, to: &export)
        for index in touched { points[index].removeAll() }
        touched.removeAll(keepingCapacity: true)
        pointBytes = 0
    }

    /// `ResourceMetrics` with the metrics that have points.
    private static func write(
        _ resource: [UInt8], _ touched: [Int], of metrics: [RulePlan.Metric], _ points: [WireWriter],
        to export: inout WireWriter
    ) {
        export.field(1) { resourceMetrics in
            resourceMetrics.field(1, resource)
            resourceMetrics.field(2) { scopeMetrics in
                scopeMetrics.field(1) { $0.field(1, scopeName) }
                for index in touched {
                    scopeMetrics.field(2) { write(metrics[index], points[index].bytes, to: &$0) }
                }
            }
        }
    }

    /// `Metric` with its points, which are deltas.
    private static func write(_ metric: RulePlan.Metric, _ points: [UInt8], to message: inout WireWriter) {
        message.field(1, metric.name)
        if !metric.description.isEmpty { message.field(2, metric.description) }
        if !metric.unit.isEmpty { message.field(3, metric.unit) }
        message.field(metric.shape.dataField) { data in
            data.append(points)
            data.field(2, varint: UInt64(Temporality.delta.rawValue))
            if metric.shape == .counter { data.field(3, varint: 1) }
        }
    }
}

extension RulePlan.Metric.Shape {
    /// `attributes` of a point.
    fileprivate var attributesField: UInt32 {
        switch self {
        case .counter: 7
        case .buckets: 9
        case .exponential: 1
        }
    }

    /// `flags` of a point.
    fileprivate var flagsField: UInt32 { self == .counter ? 8 : 10 }

    /// The member of a metric's `data`: sum, histogram, exponential_histogram.
    fileprivate var dataField: UInt32 {
        switch self {
        case .counter: 7
        case .buckets: 9
        case .exponential: 10
        }
    }
}
