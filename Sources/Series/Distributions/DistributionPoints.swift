internal import OTLP

/// How distributions change their streams.
extension PointValue where Self: DistributionValue {
    static func update(
        _ number: StreamID, with arrival: PointArrival<Self>, in store: inout SeriesStore
    ) -> SeriesStore.Update {
        // The state is moved out and back, so that it is changed in place and never copied.
        var state = StreamState.released
        swap(&state, &store.streams[stateOf: number])
        guard var box = box(of: consume state) else { preconditionFailure("a stream has one kind of points") }
        let update = store.update(&box.value, number: number, with: arrival)
        store.streams[stateOf: number] = self.state(of: box)
        return update
    }

    static func firstState(
        of arrival: PointArrival<Self>, identity: UInt64, in store: inout SeriesStore
    ) -> StreamState {
        state(of: Boxed(store.firstStream(of: arrival, identity: identity)))
    }
}

extension SummaryPoint: PointValue {
    var weight: Int { StateWeight.summary(quantiles: value.quantiles.count) }

    var lines: Int { value.quantiles.count + 2 }

    static func update(
        _ number: StreamID, with arrival: PointArrival<SummaryPoint>, in store: inout SeriesStore
    ) -> SeriesStore.Update {
        let state = store.streams[number].state
        guard case .summary(let newest) = state else { preconditionFailure("a stream has one kind of points") }
        guard arrival.effectiveTime >= newest.value.time else {
            store.counters.latePoints += 1
            return .ignored
        }
        let growth = arrival.value.weight - newest.value.weight
        if growth != 0 {
            let lines = arrival.value.lines
            if let reason = store.reasonOfGrowth(number, by: growth, lines: lines) { return .rejected(reason) }
            store.grow(number, by: growth, lines: lines)
        }
        if arrival.value.value.count < newest.value.value.count {
            // The totals fall: they started anew.
            store.counters.resets += 1
            let series = store.streams[number].series
            store.exposed.setStartTime(of: series, to: max(arrival.startTime, newest.value.time))
        }
        store.streams[stateOf: number] = newestState(arrival, in: store)
        return .counted
    }

    static func firstState(
        of arrival: PointArrival<SummaryPoint>, identity: UInt64, in store: inout SeriesStore
    ) -> StreamState {
        newestState(arrival, in: store)
    }

    private static func newestState(
        _ arrival: PointArrival<SummaryPoint>, in store: borrowing SeriesStore
    ) -> StreamState {
        var point = arrival.value
        point.time = arrival.effectiveTime
        point.sequence = store.sequence
        return .summary(Boxed(point))
    }
}
