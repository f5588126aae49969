internal import OTLP

/// Streams out of sight, and back.
extension SeriesStore {
    /// A NoRecordedValue point: the stream is withdrawn until its next real point (R-DM-03). Its state stays.
    /// One that is older than what it withdraws is late.
    mutating func withdraw(_ number: StreamID, startTime: UnixNanoseconds, time: UnixNanoseconds) {
        let record = streams[number]
        if time != 0, let newest = newestTime(of: record, startTime: startTime), time < newest {
            counters.latePoints += 1
            return
        }
        // What is older than the withdrawal is late from here on.
        changes.markTotal(number)
        switch record.state {
        case .newest(var newest):
            newest.time = max(newest.time, time)
            streams[stateOf: number] = .newest(newest)
        case .summary(var newest):
            newest.value.time = max(newest.value.time, time)
            streams[stateOf: number] = .summary(newest)
        case .accumulating, .writers, .histogram, .exponential, .released: break
        }
        guard !record.isWithdrawn else { return }
        streams.setWithdrawn(true, number)
        exposedTimes.move(record.series, to: time, request: request, now: lastArrival)
        exposed.deactivate(record.series)
    }

    /// The time of the newest point of a stream; of several writers that of the one with this start. nil when there is
    /// no such writer.
    private func newestTime(of record: StreamRecord, startTime: UnixNanoseconds) -> UnixNanoseconds? {
        switch record.state {
        case .accumulating(let accumulation): accumulation.newestTime
        case .newest(let newest): newest.time
        case .writers(let writers): writers.newestTime(startTime: startTime)
        case .histogram(let histogram): histogram.value.newestTime
        case .exponential(let histogram): histogram.value.newestTime
        case .summary(let newest): newest.value.time
        case .released: nil
        }
    }

    /// A withdrawn stream has a value again.
    mutating func restore(_ number: StreamID) {
        streams.setWithdrawn(false, number)
        exposed.activate(streams[number].series)
    }
}
