internal import Synchronization

/// Whether the collector can take exports and scrapes now. Thread-safe.
final class Readiness: Sendable {
    enum Phase: Equatable {
        /// The state is being recovered, or listeners are being opened.
        case starting
        /// Ready since this time.
        case ready(since: LogTime, ContinuousClock.Instant)
        /// Current requests are being completed; no new ones should be sent.
        case draining
    }

    private let phase = Mutex(Phase.starting)

    var current: Phase { phase.withLock { $0 } }

    /// All listeners are open.
    func becomeReady() { phase.withLock { $0 = .ready(since: .now(), .now) } }

    /// From now on no new requests should be sent.
    func beginDraining() { phase.withLock { $0 = .draining } }
}
