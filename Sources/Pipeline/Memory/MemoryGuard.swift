package import Logging
internal import Platform
package import Receiver
package import Server
internal import Synchronization

/// The `memory_limiter` processors: decide whether exports are refused because memory runs short.
///
/// Resident memory is measured every check interval; the result holds until the next check. Thread-safe.
package final class MemoryGuard: Sendable {
    /// How often to check.
    package let checkInterval: Duration
    /// The resident bytes above which exports are refused: the lowest of all limiters.
    package let softLimit: Int
    /// For refused senders, in whole seconds: exports may be accepted again after the next check but one.
    let retryAfterSeconds: Int

    private let bodies: BodyBudget?
    private let residentBytes: @Sendable () -> Int?
    private let log: Logger
    private let isShort = Atomic(false)
    private let refusedExports = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - bodies: refuses incomplete bodies while memory runs short.
    ///   - residentBytes: nil if the system does not report it; then nothing is refused.
    package init(
        checkInterval: Duration, softLimit: Int, bodies: BodyBudget?, log: Logger,
        residentBytes: @escaping @Sendable () -> Int?
    ) {
        self.checkInterval = checkInterval
        self.softLimit = softLimit
        retryAfterSeconds = max(1, Int(clamping: (checkInterval * 2).components.seconds))
        self.bodies = bodies
        self.residentBytes = residentBytes
        self.log = log
        if residentBytes() == nil {
            log.warning("memory_limiter has no effect: the system does not report resident memory")
        }
        check()
    }

    /// Whether exports are refused now.
    package var isRefusing: Bool { isShort.load(ordering: .relaxed) }

    /// Exports refused so far.
    package var refusals: UInt64 { refusedExports.load(ordering: .relaxed) }

    /// Counts a refused export, and returns the reason.
    package func refusal() -> IngestFailure {
        refusedExports.add(1, ordering: .relaxed)
        return .unavailable(
            "resident memory is above the limit (memory_limiter); retry later", retryAfterSeconds: retryAfterSeconds)
    }

    /// Measures again. Before it decides that memory is short, free memory of the process is returned to the system.
    package func check() {
        guard var bytes = residentBytes() else { return }
        if bytes > softLimit {
            MemoryTuning.trim()
            bytes = residentBytes() ?? bytes
        }
        let isNowShort = bytes > softLimit
        bodies?.setClosed(isNowShort)
        guard isShort.exchange(isNowShort, ordering: .relaxed) != isNowShort else { return }
        let metadata: Logger.Metadata = ["resident_bytes": "\(bytes)", "limit_bytes": "\(softLimit)"]
        if isNowShort {
            log.warning("exports are refused: resident memory is above the limit (memory_limiter)", metadata: metadata)
        } else {
            log.notice("exports are accepted again: resident memory is below the limit", metadata: metadata)
        }
    }
}
