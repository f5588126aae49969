internal import Synchronization

/// Whether the collector can take exports and scrapes now. Thread-safe.
final class Readiness: Sendable {
    enum Phase: Equatable {
        /// The state is being recovered, or listeners are being opened.
        case starting
        /// Everything is open since then.
        case ready(since: LogTime, ContinuousClock.Instant)
        /// What is at hand is being answered; nothing new should come.
        case draining
    }

    private let phase = Mutex(Phase.starting)

    var current: Phase { phase.withLock { $0 } }

    /// Everything is open.
    func becomeReady() { phase.withLock { $0 = .ready(since: .now(), .now) } }

    /// From now on nothing new should come.
    func beginDraining() { phase.withLock { $0 = .draining } }
}
