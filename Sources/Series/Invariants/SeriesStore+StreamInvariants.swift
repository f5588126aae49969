internal import OTLP

extension SeriesStore {
    /// Every stream is found by its key and its raw forms, belongs to one series, and weighs what it holds.
    func checkStreams(_ report: inout InvariantReport) {
        var live: [StreamID] = []
        var aliases: [(alias: UInt32, stream: StreamID)] = []
        for (row, stream) in streams.enumerated() where !stream.isVacant {
            let number = StreamID(row: row)
            live.append(number)
            for alias in [stream.alias] + stream.furtherAliases { aliases.append((alias, number)) }
            report.require(metrics.canonical(of: stream.metric) != nil, "stream \(number): its metric is gone")
            report.require(
                streamIndex.holds(stream.key.hash, number.number), "stream \(number): not in the index of streams")
            checkState(of: number, stream, &report)
        }
        report.checkRows("stream", count: streams.count, used: live, free: freeStreams)
        streamIndex.check("stream", entries: live.count, &report)
        streamAliases.check(aliases, &report)
        checkLists(of: live, &report)
    }

    private func checkState(of number: StreamID, _ stream: StreamRecord, _ report: inout InvariantReport) {
        if case .released = stream.state { report.require(false, "stream \(number): its state is out") }
        let held = StateWeight.stream + stream.state.weight
        if let identity = unwritten.identity(of: number) {
            report.compare(
                "weight of stream \(number)", kept: Int(stream.weight), held: held + identity.attributes.count)
        } else {
            report.require(Int(stream.weight) >= held, "stream \(number): weighs \(stream.weight), holds \(held)")
        }
        guard exposed.holds(stream.series) else {
            return report.require(false, "stream \(number): its series is gone")
        }
        let owner = exposed[stream.series]
        report.require(
            Int(owner.lines) >= stream.state.lines, "stream \(number): has more lines than series \(stream.series)")
    }

    /// Each stream stands in the list of its own series, once.
    private func checkLists(of live: [StreamID], _ report: inout InvariantReport) {
        var linked: Set<StreamID> = []
        exposed.forEach { owner, record in
            var number = record.firstStream
            var active = 0
            report.require(number != StreamID.none, "series \(owner): has no stream")
            while number != StreamID.none {
                guard number.row < streams.count, linked.insert(number).inserted else {
                    report.require(false, "series \(owner): its list comes to \(number), which stands elsewhere")
                    break
                }
                let stream = streams[number]
                report.require(
                    stream.series == owner, "series \(owner): lists stream \(number) of another one")
                if !stream.isWithdrawn { active += 1 }
                number = stream.next
            }
            report.compare("active streams of series \(owner)", kept: Int(record.activeStreams), held: active)
        }
        for number in live where !linked.contains(number) {
            report.require(false, "stream \(number): in the list of no series")
        }
        report.compare("streams in lists", kept: linked.count, held: live.count)
    }
}
