package import OTLP

/// What became of the events of one export.
package struct DerivedExport: Sendable {
    /// `ExportMetricsServiceRequest` in protobuf; empty when nothing is counted.
    package internal(set) var body: [UInt8] = []
    /// Records that are events.
    package internal(set) var events = 0
    /// Of these, the ones that this same export had already.
    package internal(set) var repeatedEvents = 0
    /// The sessions that events are of, each once.
    package internal(set) var sessions: [Session] = []

    /// A session that was alive.
    package struct Session: Sendable {
        /// What stands for it.
        package var id: UInt64
        package var owner: SessionOwner
    }

    /// Records that cannot be counted because their resource is not text (docs/decisions/0005).
    package internal(set) var rejectedRecords = 0
    /// What of the records could not be read; events count without it.
    package var losses = DecodingLosses()
}

/// An export whose events are being counted.
package struct EventDerivation: Sendable {
    var export = DerivedExport()
    var derived: DerivedMetrics
    /// The events that this export had already.
    var seen: Set<EventIdentity> = []
    var sessions: Set<UInt64> = []
    /// Where the records begin that are not read yet.
    var next = 0

    init(metrics: [RulePlan.Metric], losses: DecodingLosses) {
        derived = DerivedMetrics(metrics)
        export.losses = losses
    }

    /// What the events count as, when all records were read.
    package var finished: DerivedExport {
        var finished = export
        finished.body = derived.body
        return finished
    }
}
