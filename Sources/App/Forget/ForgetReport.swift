internal import Forward
internal import Storage

/// The output of `odometer forget`: a line for each removed item, and their number.
struct ForgetReport: Sendable, Equatable {
    /// Lines of a report; the rest is only counted.
    private static let lineLimit = 10_000

    private(set) var lines: [String]

    /// The result for the records in one queue.
    typealias Records = (exporter: String, result: Result<QueueEdit.Report, StorageFailure>)

    /// Of series, and of queued records.
    /// - Parameters:
    ///   - series: a line for each.
    ///   - records: by queue; nil: the matchers name metrics, which records do not have.
    ///   - unseen: exporters whose totals were not searched.
    ///   - isConfirmed: whether they are removed; false: they would be.
    init(series: [String], records: [Records]?, unseen: [String] = [], isConfirmed: Bool) {
        lines = Array(series.prefix(Self.lineLimit))
        if series.count > lines.count { lines.append("... and \(series.count - lines.count) more") }
        lines += unseen.map {
            "the totals of \($0), which is no longer configured, are not searched: stop the collector to search them"
        }
        lines += records?.flatMap { Self.lines($0, isConfirmed: isConfirmed) } ?? []
        lines.append(
            isConfirmed
                ? "\(series.count) series are removed."
                : "\(series.count) series would be removed; add --yes to remove them.")
    }

    private static func lines(_ records: Records, isConfirmed: Bool) -> [String] {
        let report: QueueEdit.Report
        switch records.result {
        case .success(let found): report = found
        case .failure(let failure):
            return ["the queue of \(records.exporter) is not searched to its end: \(failure)"]
        }
        var lines: [String] = []
        if report.records > 0 {
            lines.append(
                "\(report.records) records in \(report.exports) exports queued for \(records.exporter) "
                    + (isConfirmed ? "are removed" : "would be removed"))
        }
        if report.unreadable > 0 {
            lines.append(
                "\(report.unreadable) exports queued for \(records.exporter) cannot be read; they stay")
        }
        return lines
    }

    /// Of an unclaimed queue.
    /// - Parameter queue: nil: there is none.
    init(_ queue: UnclaimedQueue?, isConfirmed: Bool) {
        lines = queue.map { [Self.line($0)] } ?? []
        let count = queue == nil ? "0 queues" : "1 queue"
        lines.append(
            isConfirmed
                ? "\(count) \(queue == nil ? "are" : "is") removed."
                : "\(count) would be removed; add --yes to remove it.")
    }

    private static func line(_ queue: UnclaimedQueue) -> String {
        guard let depth = queue.depth else { return "\(queue.exporter): unreadable file, \(queue.path)" }
        return "\(queue.exporter): \(depth.exports) exports with \(depth.records) records, \(depth.bytes) bytes"
    }
}

extension UnclaimedQueues {
    /// Removes the queue of an exporter, or reports what would be removed.
    func forget(_ exporter: String, isConfirmed: Bool) throws(ForgetFailure) -> ForgetReport {
        let queue = all.first { $0.exporter == exporter }
        if isConfirmed, let queue {
            let removed = Result { try remove(queue) }
            if case .failure(let failure) = removed { throw ForgetFailure("\(failure)") }
        }
        return ForgetReport(queue, isConfirmed: isConfirmed)
    }
}
