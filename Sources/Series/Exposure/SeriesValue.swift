package import OTLP

/// The value of one series at one moment.
package enum SeriesValue: Equatable, Sendable {
    case number(SampleValue)
    indirect case histogram(HistogramValue)
    indirect case nativeHistogram(NativeHistogramValue)
    indirect case summary(SummaryValue)

    /// An integer.
    package static func int(_ value: Int64) -> SeriesValue { .number(.int(value)) }

    /// A double.
    package static func double(_ value: Double) -> SeriesValue { .number(.double(value)) }
}

/// A histogram with explicit bounds.
package struct HistogramValue: Equatable, Sendable {
    /// Upper bounds, ascending, without +Inf.
    package var bounds: [Double]
    /// Observations in each bucket, not cumulative; one more than bounds, the last is that of +Inf.
    package var counts: [UInt64]
    /// All observations: the sum of `counts`.
    package var count: UInt64
    /// Nil if some point had none (R-D2C-14): then no `_sum` is shown.
    package var sum: Double?

    package init(bounds: [Double], counts: [UInt64], count: UInt64, sum: Double?) {
        self.bounds = bounds
        self.counts = counts
        self.count = count
        self.sum = sum
    }
}

/// An exponential histogram.
package struct NativeHistogramValue: Equatable, Sendable {
    /// As in OTLP; a bucket ends at 2^(2^-scale * (index + 1)).
    package var scale: Int32
    package var zeroThreshold: Double
    package var zeroCount: UInt64
    package var positive: Side
    package var negative: Side
    package var count: UInt64
    package var sum: Double?

    /// The buckets of one sign: `counts[i]` is that of OTLP index `offset + i`. At most 160.
    package struct Side: Equatable, Sendable {
        package var offset: Int32
        package var counts: [UInt64]

        package init(offset: Int32 = 0, counts: [UInt64] = []) {
            self.offset = offset
            self.counts = counts
        }
    }

    package init(
        scale: Int32, zeroThreshold: Double = 0, zeroCount: UInt64 = 0, positive: Side = Side(),
        negative: Side = Side(), count: UInt64, sum: Double?
    ) {
        self.scale = scale
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.positive = positive
        self.negative = negative
        self.count = count
        self.sum = sum
    }
}

/// A summary.
package struct SummaryValue: Equatable, Sendable {
    /// Ascending by quantile, each in 0...1 and once.
    package var quantiles: [QuantileValue]
    package var count: UInt64
    package var sum: Double

    package init(quantiles: [QuantileValue], count: UInt64, sum: Double) {
        self.quantiles = quantiles
        self.count = count
        self.sum = sum
    }
}

/// An exemplar as shown: on the total of a counter, or on the bucket of a histogram that holds its value (R-EX-03).
package struct SampleExemplar: Equatable, Sendable {
    /// The label set between the braces, rendered like `Exposure.labels`: trace_id, span_id, filtered attributes; at
    /// most 128 code points of names and values together (R-EX-02). May be empty.
    package var labels: [UInt8]
    package var value: SampleValue
    /// 0 when not given.
    package var time: UnixNanoseconds

    package init(labels: [UInt8], value: SampleValue, time: UnixNanoseconds) {
        self.labels = labels
        self.value = value
        self.time = time
    }
}
