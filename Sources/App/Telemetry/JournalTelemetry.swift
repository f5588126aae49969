internal import Journal
internal import Logging
internal import Storage
internal import Synchronization

/// Receives the journal's events: logs each kind of failure once, and its end.
final class JournalTelemetry: JournalObserver {
    private let log: Logger
    private let faults: RepeatedFaultLog
    private let state = Mutex(State())

    private struct State {
        var isFailing = false
    }

    init(log: Logger, faults: RepeatedFaultLog) {
        self.log = log
        self.faults = faults
    }

    func journal(_ event: JournalEvent) {
        switch event {
        case .committed:
            if state.withLock({ state in exchange(&state.isFailing, false) }) {
                log.notice("the journal accepts exports again")
            }
        case .synced, .checkpointDue: break
        case .commitFailed(let failure, let entries):
            state.withLock { $0.isFailing = true }
            faults.error(
                "exports refused: \(failure)", key: "journal \(failure.code.rawValue)",
                metadata: ["exports": "\(entries)"])
        case .syncFailed(let failure):
            faults.error(
                "fsync failed; recent exports may be lost on power failure: \(failure)", key: "sync", metadata: [:])
        case .checkpointWritten(let records, let bytes, let duration):
            log.debug(
                "checkpoint written",
                metadata: ["records": "\(records)", "bytes": "\(bytes)", "seconds": "\(duration / .seconds(1))"])
        case .checkpointFailed(let failure):
            faults.error("checkpoint failed: \(failure)", key: "checkpoint \(failure.code.rawValue)", metadata: [:])
        case .housekeepingFailed(let failure):
            faults.warning("\(failure)", key: "housekeeping \(failure.code.rawValue)", metadata: [:])
        }
    }
}

private func exchange(_ value: inout Bool, _ new: Bool) -> Bool {
    defer { value = new }
    return value
}
