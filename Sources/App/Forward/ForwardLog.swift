internal import Forward
internal import Journal
internal import Logging
internal import OTLP
internal import Pipeline
internal import Storage

/// Logs the events of exporters that forward: each kind of failure once, and never the content of an export.
struct ForwardLog: ForwardObserver {
    let log: Logger
    let faults: RepeatedFaultLog

    func forward(_ event: ForwardEvent, exporter: String) {
        switch event {
        case .failing(let reason):
            log.warning(
                "exports wait: the destination does not accept them",
                metadata: ["exporter": "\(exporter)", "reason": "\(reason)"])
        case .waiting(let exports, let time, let attempts, let reason):
            log.warning(
                "exports still wait: the destination does not accept them",
                metadata: [
                    "exporter": "\(exporter)", "exports": "\(exports)", "oldest_seconds": "\(time.components.seconds)",
                    "oldest_attempts": "\(attempts)", "oldest_reason": "\(reason)",
                ])
        case .recovered: log.info("the destination accepts exports again", metadata: ["exporter": "\(exporter)"])
        case .dropped(let reason, let signal, let records, let refusal):
            faults.error(
                "exports dropped: \(reason.explanation)",
                key: "forward \(exporter) \(reason.rawValue) \(refusal.kind)",
                metadata: [
                    "exporter": "\(exporter)", "signal": "\(signal.rawValue)", "records": "\(records)",
                    "reason": "\(refusal.text)",
                ])
        case .partlyStored(let signal, let records, let dropped, let refusal):
            faults.error(
                "the destination stored only a part of an export: the rest is dropped",
                key: "forward \(exporter) partly stored \(refusal.kind)",
                metadata: [
                    "exporter": "\(exporter)", "signal": "\(signal.rawValue)", "records": "\(records)",
                    "dropped": "\(dropped.map(String.init) ?? "unknown")", "reason": "\(refusal.text)",
                ])
        case .split(let signal, let records, let refusal):
            faults.warning(
                "an export is split: it is too large for the destination",
                key: "forward \(exporter) split \(refusal.kind)",
                metadata: [
                    "exporter": "\(exporter)", "signal": "\(signal.rawValue)", "records": "\(records)",
                    "reason": "\(refusal.text)",
                ])
        case .rejected(let signal, let records, let message):
            faults.warning(
                "the destination accepted an export in part, or with a warning",
                key: "forward \(exporter) partial",
                metadata: [
                    "exporter": "\(exporter)", "signal": "\(signal.rawValue)", "rejected": "\(records)",
                    "message": "\(message)",
                ])
        case .queueFailed(let failure):
            faults.error(
                "the queue cannot be read or written", key: "forward \(exporter) queue \(failure.code.rawValue)",
                metadata: ["exporter": "\(exporter)", "reason": "\(failure)"])
        }
    }

    /// Logs a problem found while opening a queue.
    /// - Throws: when the queue cannot be used.
    func tell(_ finding: QueueFinding, exporter: String) throws(StateFailure) {
        switch finding {
        case .setAside(let path, let reason):
            log.error(
                "the queue was damaged and is set aside: its exports are not sent",
                metadata: ["exporter": "\(exporter)", "path": "\(path)", "reason": "\(reason)"])
        case .missing(let path):
            log.error(
                "the queue's file is missing, but its -wal file exists: exports in it, if any, are not sent",
                metadata: ["exporter": "\(exporter)", "path": "\(path)"])
        case .unusable(let failure): throw .journal(.unusable(failure))
        }
    }
}

extension DropReason {
    fileprivate var explanation: String {
        switch self {
        case .refused: "the destination refused them, and OTLP allows no retry"
        case .partlyStored: "the destination stored only a part of them"
        case .tooLarge: "a single record is too large for the destination"
        case .exhausted:
            """
            too many attempts failed while the destination accepted others \
            (odometer.forward.max_attempts_while_others_succeed)
            """
        case .expired: "the time for retries is over (retry_on_failure)"
        }
    }
}
