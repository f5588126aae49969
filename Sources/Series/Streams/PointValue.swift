internal import OTLP

/// The value of a point of any kind: how it changes its stream.
protocol PointValue: Sendable {
    /// Distinguishes values of delta windows; nil if there are no windows.
    func windowValue(_ hash: SeededHash) -> SampleValue?

    /// Its weight in its stream, see `StateWeight`.
    var weight: Int { get }

    /// Number of its lines on a page.
    var lines: Int { get }

    /// Applies the next point of an existing stream.
    static func update(
        _ number: StreamID, with arrival: PointArrival<Self>, in ledger: inout Ledger
    ) -> CountingRules.Update

    /// The state of a stream with its first point.
    /// - Parameter identity: the stream's canonical hash.
    static func firstState(
        of arrival: PointArrival<Self>, identity: UInt64, in ledger: inout Ledger
    ) -> StreamState
}

extension PointValue {
    func windowValue(_ hash: SeededHash) -> SampleValue? { nil }
}

extension PointValue where Self: CountedValue {
    func windowValue(_ hash: SeededHash) -> SampleValue? { fingerprint(hash) }
}

extension SampleValue: PointValue {
    var lines: Int { 1 }

    static func update(
        _ number: StreamID, with arrival: PointArrival<SampleValue>, in ledger: inout Ledger
    ) -> CountingRules.Update {
        CountingRules.update(number, with: arrival, in: &ledger)
    }

    static func firstState(
        of arrival: PointArrival<SampleValue>, identity: UInt64, in ledger: inout Ledger
    ) -> StreamState {
        CountingRules.firstState(of: arrival, identity: identity, in: &ledger)
    }
}
