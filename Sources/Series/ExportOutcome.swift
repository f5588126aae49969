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

    package init(acceptedPoints: Int = 0, rejected: [RejectionReason: Int] = [:], firstRejectedMetric: String? = nil) {
        self.acceptedPoints = acceptedPoints
        self.rejected = rejected
        self.firstRejectedMetric = firstRejectedMetric
    }

    /// How many data points were rejected, for whatever reason.
    package var rejectedPoints: Int { rejected.values.reduce(0, +) }
}
