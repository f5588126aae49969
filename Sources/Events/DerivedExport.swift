package import OTLP

/// The metrics made of the events of one export.
package struct DerivedExport: Sendable {
    /// `ExportMetricsServiceRequest` in protobuf; empty if nothing is counted.
    package var body: [UInt8] = []
    /// Records that are events.
    package internal(set) var events = 0
    /// Those of them that this export contained already.
    package internal(set) var repeatedEvents = 0
    /// The sessions of the events, each once.
    package internal(set) var sessions: [Session] = []

    /// A session with an event.
    package struct Session: Sendable {
        /// A hash of its id.
        package var id: UInt64
        package var owner: SessionOwner
    }

    /// Records that cannot be counted because their resource is not valid UTF-8 (docs/decisions/0005).
    package internal(set) var rejectedRecords = 0
    /// Parts of the records that could not be decoded; events count without them.
    package var losses = DecodingLosses()
}

/// The state of an export whose events are being counted.
package struct EventDerivation: Sendable {
    var export = DerivedExport()
    var derived: DerivedMetrics
    /// The events seen in this export.
    var seen: Set<EventIdentity> = []
    var sessions: Set<UInt64> = []
    /// The index of the next record.
    var next = 0

    init(metrics: [RulePlan.Metric], losses: DecodingLosses) {
        derived = DerivedMetrics(metrics)
        export.losses = losses
    }

    /// The result, once all records were read.
    package var finished: DerivedExport {
        var finished = export
        finished.body = derived.body
        return finished
    }
}
