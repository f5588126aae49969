internal import OTLP

/// The timestamp of the sample of a series.
struct ExposedTime {
    /// A whole number of milliseconds, which is what Prometheus keeps, in nanoseconds; 0 when no point had a time.
    var time: UnixNanoseconds = 0
    /// The request that changed it last. Values in between of one request are never shown.
    var request: UInt32 = 0
    /// The series was shown without a time.
    var wasUntimed = false

    /// The smallest difference of two times, nanoseconds: one millisecond.
    static let step: UInt64 = 1_000_000

    /// Advances to the time of a point that changes the value.
    /// - Parameters:
    ///   - pointTime: 0 when it has none.
    ///   - now: its arrival.
    mutating func move(to pointTime: UnixNanoseconds, request: UInt32, now: UnixNanoseconds) {
        if pointTime == 0, time == 0 {
            wasUntimed = true
            return
        }
        var next = ExposedTime.rounded(pointTime == 0 ? now : pointTime)
        // Prometheus used the scrape times for the samples so far.
        if wasUntimed { next = max(next, ExposedTime.next(after: ExposedTime.rounded(now))) }
        wasUntimed = false
        if time != 0 { next = max(next, self.request == request ? time : ExposedTime.next(after: time)) }
        self.request = request
        time = next
    }

    private static func rounded(_ time: UnixNanoseconds) -> UnixNanoseconds { time - time % step }

    private static func next(after time: UnixNanoseconds) -> UnixNanoseconds {
        let (next, overflow) = time.addingReportingOverflow(step)
        return overflow ? time : next
    }
}

extension ExposedTime: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.number(time)
        writer.flag(wasUntimed)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        time = try reader.number()
        wasUntimed = try reader.flag()
    }
}

/// With `send_timestamps`, times strictly increase whenever a value changes: Prometheus drops a sample that is older
/// than the one before, or has an equal time and another value, and its increment is lost. So a point that changes the
/// value and is not newer than all before it advances the time of its series by a millisecond. This happens when points
/// arrive, not when they are scraped: every reader sees the same, and a replay gives the same times again.
///
/// Costs 16 bytes for each series, nothing if times are not shown. A gauge of several streams keeps its time when one
/// of them expires; its next point changes it.
struct ExposedTimes {
    /// Whether times are shown.
    let areKept: Bool
    /// By row of the series; none if times are not shown.
    private var times: [ExposedTime] = []

    init(areKept: Bool) { self.areKept = areKept }

    /// Nil if times are not shown.
    subscript(_ series: SeriesID) -> ExposedTime? { areKept ? times[series.row] : nil }

    /// Adds a new series.
    mutating func insert(_ series: SeriesID) {
        guard areKept else { return }
        while times.count <= series.row { times.append(ExposedTime()) }
        times[series.row] = ExposedTime()
    }

    /// Restores the time of a series; of several streams the newest counts.
    mutating func restore(_ time: ExposedTime, of series: SeriesID) {
        guard areKept, times[series.row].time < time.time else { return }
        times[series.row] = time
    }

    /// Updates the time of a series after a point changed its value.
    /// - Parameters:
    ///   - time: 0 when the point has none.
    ///   - now: its arrival.
    mutating func move(_ series: SeriesID, to time: UnixNanoseconds, request: UInt32, now: UnixNanoseconds) {
        guard areKept else { return }
        times[series.row].move(to: time, request: request, now: now)
    }

    /// The timestamp of the sample of a series.
    /// - Parameter newest: the time of its newest point.
    func shown(_ series: SeriesID, newest: UnixNanoseconds) -> UnixNanoseconds {
        guard areKept, newest != 0 else { return newest }
        return max(newest, times[series.row].time)
    }
}

extension PointArrival {
    /// The timestamp of the value; 0 for deltas without one, since their total has no time.
    var shownTime: UnixNanoseconds {
        switch context.rule {
        case .countDeltas, .addDeltas: time
        case .distribution(let rule): rule.counting == .deltas ? time : effectiveTime
        case .sumWriters, .latestWriter, .newest, .newestAdded, .summary, .reject: effectiveTime
        }
    }
}

// MARK: - Invariants

extension ExposedTimes {
    /// - Parameter rows: of the table of series.
    func check(_ report: inout InvariantReport, rows: Int) {
        report.compare("exposed times", kept: times.count, held: areKept ? rows : 0)
        for (row, exposed) in times.enumerated() {
            report.require(exposed.time % ExposedTime.step == 0, "series \(row): shown at part of a millisecond")
        }
    }
}
