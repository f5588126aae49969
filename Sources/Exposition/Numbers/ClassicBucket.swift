internal import Series

/// One bucket of a histogram with explicit bounds, as shown (R-TYPE-04).
struct ClassicBucket: Equatable {
    /// +Inf for the last one.
    var upperBound: Double
    /// Observations up to the bound; all of them for the last one.
    var cumulativeCount: UInt64
    /// The newest exemplar in the bucket (R-EX-03).
    var exemplar: SampleExemplar?

    /// All buckets of a histogram, including +Inf.
    /// - Parameter exemplars: ascending by value.
    static func buckets(of value: HistogramValue, exemplars: [SampleExemplar]) -> [ClassicBucket] {
        var cursor = Cursor()
        var buckets: [ClassicBucket] = []
        buckets.reserveCapacity(value.bounds.count + 1)
        for index in value.bounds.indices {
            if let bucket = cursor.bucket(index, of: value, exemplars: exemplars) { buckets.append(bucket) }
        }
        buckets.append(cursor.last(count: value.count, exemplars: exemplars))
        return buckets
    }

    /// Iterates over the buckets in order.
    struct Cursor {
        /// Observations in the buckets before.
        private var cumulative: UInt64 = 0
        /// The next exemplar without a bucket.
        private var exemplar = 0

        /// The bucket of `value.bounds[index]`; nil for a bound of +Inf, because the bucket of all observations is
        /// always added last.
        mutating func bucket(
            _ index: Int, of value: HistogramValue, exemplars: [SampleExemplar]
        ) -> ClassicBucket? {
            let bound = value.bounds[index]
            let count = value.counts.indices.contains(index) ? value.counts[index] : 0
            let (sum, overflows) = cumulative.addingReportingOverflow(count)
            cumulative = overflows ? .max : sum
            if bound.isNaN || bound == .infinity { return nil }
            return ClassicBucket(
                upperBound: bound, cumulativeCount: cumulative, exemplar: take(upTo: bound, of: exemplars))
        }

        /// The bucket of all observations.
        mutating func last(count: UInt64, exemplars: [SampleExemplar]) -> ClassicBucket {
            ClassicBucket(
                upperBound: .infinity, cumulativeCount: count, exemplar: take(upTo: .infinity, of: exemplars))
        }

        private mutating func take(upTo bound: Double, of exemplars: [SampleExemplar]) -> SampleExemplar? {
            var newest: SampleExemplar?
            // NaN lies in no bucket.
            while exemplar < exemplars.count, !(exemplars[exemplar].value.asDouble > bound) {
                let candidate = exemplars[exemplar]
                if !candidate.value.asDouble.isNaN, candidate.time >= newest?.time ?? 0 { newest = candidate }
                exemplar += 1
            }
            return newest
        }
    }
}

extension SampleValue {
    var asDouble: Double {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        }
    }
}
