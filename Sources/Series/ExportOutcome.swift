package import OTLP

/// What became of one accepted export.
package struct ExportOutcome: Equatable, Sendable {
    /// Points that count, duplicates and late points included: their sender is done with them.
    package var acceptedPoints: Int
    /// Points of metrics that a `filter` drops: neither accepted nor rejected, and nobody is told.
    package var filteredPoints = 0
    /// Points rejected, by reason; only reasons that occurred.
    package var rejected: [RejectionReason: Int]
    /// The name of the first rejected metric, for the message to the sender; at most 200 bytes of it.
    package var firstRejectedMetric: String?
    /// What could not be read; its points are among those rejected. Of attributes only those that were seen for the first
    /// time.
    package var losses = DecodingLosses()
    /// Histogram points taken whose count was another one than their buckets add up to; the buckets count.
    package var mendedCounts = 0
    /// The name of the metric of the first of them; at most 200 bytes of it.
    package var firstMendedMetric: String?
    /// What the labels of the export's new series lack.
    package var cuts = LabelCuts()

    package init(acceptedPoints: Int = 0, rejected: [RejectionReason: Int] = [:], firstRejectedMetric: String? = nil) {
        self.acceptedPoints = acceptedPoints
        self.rejected = rejected
        self.firstRejectedMetric = firstRejectedMetric
    }

    /// The name of a metric, as it is told.
    static func shown(_ name: UnsafeRawBufferPointer) -> String { String(decoding: name.prefix(200), as: UTF8.self) }

    /// Adds what became of a further part of the export.
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

    /// How many data points were rejected, for whatever reason.
    package var rejectedPoints: Int { rejected.values.reduce(0, +) }
}
