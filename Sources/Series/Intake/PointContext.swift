internal import OTLP

/// Context that all points of one metric in one request share.
///
/// Copied for every point, so it holds no reference-counted values.
struct PointContext {
    var metric: MetricID
    var rule: StreamRule
    /// As received with this request; not part of the identity of the metric.
    var description: UnsafeRawBufferPointer
    var encoding: WireEncoding
    var now: UnixNanoseconds

    /// The family of all streams of the metric, once one of them was looked up: saves a lookup of the series for every
    /// other point.
    var family: FamilyID?

    /// The point is derived from an event: duplicates are recognised by the event, so it needs no window.
    var isEvent = false

    /// `now` in whole seconds; 32 bits last until 2106.
    var nowSeconds: UInt32 { UInt32(truncatingIfNeeded: now / 1_000_000_000) }

    /// The parent of the aliases of the stream: the metric and the encoding of the attributes.
    var aliasParent: UInt32 { metric.number << 1 | UInt32(encoding.rawValue) }
}

/// Changes made to the points of one metric to accept them.
struct PointNotes {
    /// Points whose count differs from the sum of their buckets.
    var mendedCounts = 0
    /// Labels left out and values cut in new series.
    var cuts = LabelCuts()

    var isEmpty: Bool { mendedCounts == 0 && cuts.isEmpty }
}

/// One point with its checked value.
struct PointArrival<Value> {
    var value: Value
    /// 0 when not given.
    var startTime: UnixNanoseconds
    /// 0 when not given.
    var time: UnixNanoseconds
    /// As received.
    var attributes: UnsafeRawBufferPointer
    var context: PointContext

    /// The time of the point, or that of its arrival if it has none.
    var effectiveTime: UnixNanoseconds { time == 0 ? context.now : time }
}
