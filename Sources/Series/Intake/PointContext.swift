internal import OTLP

/// What all points of one metric in one request share.
///
/// Copied for every point, so it holds nothing that is counted by references.
struct PointContext {
    var metric: MetricID
    var rule: StreamRule
    /// As received with this request; it is no part of the metric's identity.
    var description: UnsafeRawBufferPointer
    var encoding: WireEncoding
    var now: UnixNanoseconds

    /// The family that all streams of the metric are shown in, once one of them was looked at: it spares every other
    /// point a look at its series.
    var family: FamilyID?

    /// The point being taken is what one event counted: it was looked up as such, and needs no window.
    var isEvent = false

    /// `now` in whole seconds; 32 bits last until 2106.
    var nowSeconds: UInt32 { UInt32(truncatingIfNeeded: now / 1_000_000_000) }

    /// The parent of the stream's aliases: the metric and how its attributes are written.
    var aliasParent: UInt32 { metric.number << 1 | UInt32(encoding.rawValue) }
}

/// What was changed of the points of one metric to accept them.
struct PointNotes {
    /// Points whose count was another one than their buckets add up to.
    var mendedCounts = 0
    /// What the labels of new series lack.
    var cuts = LabelCuts()

    var isEmpty: Bool { mendedCounts == 0 && cuts.isEmpty }
}

/// One point with the value that was checked.
struct PointArrival<Value> {
    var value: Value
    /// 0 when not given.
    var startTime: UnixNanoseconds
    /// 0 when not given.
    var time: UnixNanoseconds
    /// As received.
    var attributes: UnsafeRawBufferPointer
    var context: PointContext

    /// The point's time; a point without one is as new as its arrival.
    var effectiveTime: UnixNanoseconds { time == 0 ? context.now : time }
}
