internal import OTLP

/// Applies distribution points to their streams.
extension PointValue where Self: DistributionValue {
    static func update(
        _ number: StreamID, with arrival: PointArrival<Self>, in ledger: inout Ledger
    ) -> CountingRules.Update {
        // The state is moved out and back, so that it is changed in place, without a copy.
        var state = StreamState.released
        swap(&state, &ledger.streams[stateOf: number])
        guard var box = box(of: consume state) else { preconditionFailure("a stream has one kind of points") }
        let update = CountingRules.update(&box.value, number: number, with: arrival, in: &ledger)
        ledger.streams[stateOf: number] = self.state(of: box)
        return update
    }

    static func firstState(
        of arrival: PointArrival<Self>, identity: UInt64, in ledger: inout Ledger
    ) -> StreamState {
        state(of: Boxed(CountingRules.firstStream(of: arrival, identity: identity, in: &ledger)))
    }
}

extension SummaryPoint: PointValue {
    var weight: Int { StateWeight.summary(quantiles: value.quantiles.count) }

    var lines: Int { value.quantiles.count + 2 }

    static func update(
        _ number: StreamID, with arrival: PointArrival<SummaryPoint>, in ledger: inout Ledger
    ) -> CountingRules.Update {
        let state = ledger.streams[number].state
        guard case .summary(let newest) = state else { preconditionFailure("a stream has one kind of points") }
        guard arrival.effectiveTime >= newest.value.time else {
            ledger.counters.latePoints += 1
            return .ignored
        }
        let growth = arrival.value.weight - newest.value.weight
        if growth != 0 {
            let lines = arrival.value.lines
            if let reason = ledger.reasonOfGrowth(number, by: growth, lines: lines) { return .rejected(reason) }
            ledger.grow(number, by: growth, lines: lines)
        }
        if arrival.value.value.count < newest.value.value.count {
            // The totals fall: a reset.
            ledger.counters.resets += 1
            let series = ledger.streams[number].series
            ledger.exposed.setStartTime(of: series, to: max(arrival.startTime, newest.value.time))
        }
        ledger.streams[stateOf: number] = newestState(arrival, in: ledger)
        return .counted
    }

    static func firstState(
        of arrival: PointArrival<SummaryPoint>, identity: UInt64, in ledger: inout Ledger
    ) -> StreamState {
        newestState(arrival, in: ledger)
    }

    private static func newestState(
        _ arrival: PointArrival<SummaryPoint>, in ledger: borrowing Ledger
    ) -> StreamState {
        var point = arrival.value
        point.time = arrival.effectiveTime
        point.sequence = ledger.sequence
        return .summary(Boxed(point))
    }
}
