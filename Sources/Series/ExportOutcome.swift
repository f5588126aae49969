package import OTLP

/// The result of one accepted export.
package struct ExportOutcome: Equatable, Sendable {
    /// Accepted points, including duplicates and late points.
    package var acceptedPoints: Int
    /// Points of metrics that a `filter` drops: neither accepted nor rejected, and not reported.
    package var filteredPoints = 0
    /// Points rejected, by reason; only reasons that occurred.
    package var rejected: [RejectionReason: Int]
    /// The name of the first rejected metric, for the message to the sender; at most 200 bytes of it.
    package var firstRejectedMetric: String?
    /// Parts that could not be decoded; their points are among the rejected ones. Of attributes only those seen for the
    /// first time.
    package var losses = DecodingLosses()
    /// Histogram points whose count differs from the sum of their buckets; the buckets are counted.
    package var mendedCounts = 0
    /// The name of the metric of the first of them; at most 200 bytes of it.
    package var firstMendedMetric: String?
    /// Labels left out and values cut in new series of the export.
    package var cuts = LabelCuts()

    package init(acceptedPoints: Int = 0, rejected: [RejectionReason: Int] = [:], firstRejectedMetric: String? = nil) {
        self.acceptedPoints = acceptedPoints
        self.rejected = rejected
        self.firstRejectedMetric = firstRejectedMetric
    }

    /// The name of a metric, for messages.
    static func shown(_ name: UnsafeRawBufferPointer) -> String { String(decoding: name.prefix(200), as: UTF8.self) }

    /// Adds the result of another part of the export.
    package mutating func add(_ part: ExportOutcome) {
        acceptedPoints += part.acceptedPoints
        filteredPoints += part.filteredPoints
        rejected.merge(part.rejected) { $0 + $1 }
        firstRejectedMetric = firstRejectedMetric ?? part.firstRejectedMetric
        losses.add(part.losses)
        mendedCounts += part.mendedCounts
        firstMendedMetric = firstMendedMetric ?? part.firstMendedMetric
        cuts.add(part.cuts)
    }

    /// Data points rejected for any reason.
    package var rejectedPoints: Int { rejected.values.reduce(0, +) }
}
