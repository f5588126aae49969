internal import OTLP

/// The points made of events, as `ExportMetricsServiceRequest` in protobuf: one point for each event and metric, so
/// that a duplicate event can be recognised in each of them.
struct DerivedMetrics {
    /// The scope of all derived metrics.
    static let scopeName = Array(EventSettings.scopeName.utf8)

    private let metrics: [RulePlan.Metric]
    /// The points of the current resource, by metric: fields `data_points` one after the other.
    private var points: [[UInt8]]
    private var touched: [Int] = []
    private var pointBytes = 0
    /// The point being made.
    private var point: [UInt8] = []
    private(set) var body: [UInt8] = []

    /// Bytes so far.
    var count: Int { body.count + pointBytes }

    init(_ metrics: [RulePlan.Metric]) {
        self.metrics = metrics
        points = [[UInt8]](repeating: [], count: metrics.count)
    }

    /// - Parameters:
    ///   - labels: `KeyValue` messages with their lengths; empty ones are left out.
    ///   - marks: those of `HashMarks`, likewise.
    ///   - identity: the identity of the event, nil for none; see `PointFlags.isEvent`.
    mutating func append(
        _ value: NumberValue, to metric: Int, labels: some Sequence<[UInt8]>, marks: [[UInt8]], identity: UInt64?,
        time: UnixNanoseconds
    ) {
        let shape = metrics[metric].shape
        point.removeAll(keepingCapacity: true)
        if let identity { WireWriter.fixed64(2, identity, to: &point) }
        if time != 0 { WireWriter.fixed64(3, time, to: &point) }
        switch (shape, value) {
        case (_, .missing): return
        case (.counter, .int(let number)): WireWriter.fixed64(6, UInt64(bitPattern: number), to: &point)
        case (.counter, .double(let number)): WireWriter.fixed64(4, number.bitPattern, to: &point)
        case (.buckets, .int(let number)), (.exponential, .int(let number)): observe(Double(number), shape)
        case (.buckets, .double(let number)), (.exponential, .double(let number)): observe(number, shape)
        }
        for label in labels where !label.isEmpty { append(label, shape) }
        for mark in marks where !mark.isEmpty { append(mark, shape) }
        if identity != nil { WireWriter.varint(shape.flagsField, UInt64(PointFlags.isEvent), to: &point) }
        if points[metric].isEmpty { touched.append(metric) }
        let before = points[metric].count
        WireWriter.bytes(1, point, to: &points[metric])
        pointBytes += points[metric].count - before
    }

    private mutating func append(_ attribute: [UInt8], _ shape: RulePlan.Metric.Shape) {
        point.append(shape.attributesField << 3 | 2)
        point.append(contentsOf: attribute)
    }

    /// Count, sum and buckets of a histogram with one observation.
    private mutating func observe(_ value: Double, _ shape: RulePlan.Metric.Shape) {
        WireWriter.fixed64(4, 1, to: &point)
        WireWriter.fixed64(5, value.bitPattern, to: &point)
        switch shape {
        case .counter: break
        case .buckets(let bounds):
            let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
            WireWriter.varint(6 << 3 | 2, to: &point)
            WireWriter.varint(UInt64((bounds.count + 1) * 8), to: &point)
            for index in 0...bounds.count { WireWriter.word(index == bucket ? 1 : 0, to: &point) }
            WireWriter.varint(7 << 3 | 2, to: &point)
            WireWriter.varint(UInt64(bounds.count * 8), to: &point)
            for bound in bounds { WireWriter.word(bound.bitPattern, to: &point) }
        case .exponential:
            WireWriter.varint(6, ExponentialBucket.zigZag(ExponentialBucket.scale), to: &point)
            guard let index = ExponentialBucket.index(of: value) else { return WireWriter.fixed64(7, 1, to: &point) }
            var buckets: [UInt8] = []
            WireWriter.varint(1, ExponentialBucket.zigZag(index), to: &buckets)
            WireWriter.bytes(2, [1 as UInt8], to: &buckets)
            WireWriter.bytes(8, buckets, to: &point)
        }
    }

    /// Ends a resource: what was appended since the previous one belongs to it.
    /// - Parameter resource: a `Resource` message.
    mutating func finish(resource: [UInt8]) {
        guard !touched.isEmpty else { return }
        var scopeMetrics: [UInt8] = []
        scopeMetrics.reserveCapacity(pointBytes + touched.count * 128)
        var scope: [UInt8] = []
        WireWriter.bytes(1, Self.scopeName, to: &scope)
        WireWriter.bytes(1, scope, to: &scopeMetrics)
        for index in touched.sorted() {
            WireWriter.bytes(2, message(of: index), to: &scopeMetrics)
            points[index].removeAll(keepingCapacity: true)
        }
        var resourceMetrics: [UInt8] = []
        WireWriter.bytes(1, resource, to: &resourceMetrics)
        WireWriter.bytes(2, scopeMetrics, to: &resourceMetrics)
        WireWriter.bytes(1, resourceMetrics, to: &body)
        touched.removeAll(keepingCapacity: true)
        pointBytes = 0
    }

    /// `Metric` with its points, which are deltas.
    private func message(of index: Int) -> [UInt8] {
        let metric = metrics[index]
        var message: [UInt8] = []
        WireWriter.bytes(1, metric.name, to: &message)
        if !metric.description.isEmpty { WireWriter.bytes(2, metric.description, to: &message) }
        if !metric.unit.isEmpty { WireWriter.bytes(3, metric.unit, to: &message) }
        var data = points[index]
        WireWriter.varint(2, UInt64(Temporality.delta.rawValue), to: &data)
        if metric.shape == .counter { WireWriter.varint(3, 1, to: &data) }
        WireWriter.bytes(metric.shape.dataField, data, to: &message)
        return message
    }
}

extension RulePlan.Metric.Shape {
    /// `attributes` of a point.
    fileprivate var attributesField: UInt8 {
        switch self {
        case .counter: 7
        case .buckets: 9
        case .exponential: 1
        }
    }

    /// `flags` of a point.
    fileprivate var flagsField: UInt64 { self == .counter ? 8 : 10 }

    /// The member of a metric's `data`: sum, histogram, exponential_histogram.
    fileprivate var dataField: UInt64 {
        switch self {
        case .counter: 7
        case .buckets: 9
        case .exponential: 10
        }
    }
}
