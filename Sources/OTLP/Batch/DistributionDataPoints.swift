/// The fields that points of histograms, exponential histograms and summaries share with a `NumberDataPoint`.
package struct PointHeader {
    /// As in `NumberDataPoint.attributes`.
    package var attributes: UnsafeRawBufferPointer
    /// 0 when not given.
    package var startTime: UnixNanoseconds
    /// 0 when not given.
    package var time: UnixNanoseconds
    /// The `flags` field; bit 0 is NoRecordedValue.
    package var flags: UInt32

    /// Whether the point says that its stream has no value any more (R-DM-03).
    package var hasNoRecordedValue: Bool { flags & PointFlags.noRecordedValue != 0 }

    /// Whether it was made of an event; see `PointFlags.isEvent`.
    package var isEvent: Bool { flags & PointFlags.isEvent != 0 }

    package init(
        attributes: UnsafeRawBufferPointer = .init(start: nil, count: 0), startTime: UnixNanoseconds = 0,
        time: UnixNanoseconds = 0, flags: UInt32 = 0
    ) {
        self.attributes = attributes
        self.startTime = startTime
        self.time = time
        self.flags = flags
    }
}

/// One point of a histogram with explicit bounds. min and max are not kept: Prometheus does not have them (R-TYPE-05).
package struct HistogramDataPoint {
    package var header = PointHeader()
    package var count: UInt64 = 0
    /// nil when not given (R-PB-07).
    package var sum: Double?
    /// Indices into `MetricsBatch.bucketCounts`, as many as were sent.
    package var bucketCounts: Range<Int> = 0..<0
    /// Indices into `MetricsBatch.explicitBounds`, as many as were sent.
    package var explicitBounds: Range<Int> = 0..<0
    /// Indices into `MetricsBatch.exemplars`.
    package var exemplars: Range<Int32> = 0..<0

    package init() {}
}

/// One point of an exponential histogram.
package struct ExponentialHistogramDataPoint {
    package var header = PointHeader()
    package var count: UInt64 = 0
    /// nil when not given.
    package var sum: Double?
    package var scale: Int32 = 0
    package var zeroCount: UInt64 = 0
    package var zeroThreshold: Double = 0
    package var positive = ExponentialBuckets()
    package var negative = ExponentialBuckets()
    /// Indices into `MetricsBatch.exemplars`.
    package var exemplars: Range<Int32> = 0..<0

    package init() {}
}

/// One side of an exponential histogram as received.
package struct ExponentialBuckets {
    package var offset: Int32 = 0
    /// Indices into `MetricsBatch.bucketCounts`.
    package var counts: Range<Int> = 0..<0

    package init() {}
}

/// One point of a summary.
package struct SummaryDataPoint {
    package var header = PointHeader()
    package var count: UInt64 = 0
    package var sum: Double = 0
    /// Indices into `MetricsBatch.quantiles`.
    package var quantiles: Range<Int> = 0..<0

    package init() {}
}

/// `SummaryDataPoint.ValueAtQuantile`.
package struct QuantileValue: Equatable, Sendable {
    /// Should lie in 0...1, but may be anything as received.
    package var quantile: Double
    package var value: Double

    package init(quantile: Double, value: Double) {
        self.quantile = quantile
        self.value = value
    }
}
