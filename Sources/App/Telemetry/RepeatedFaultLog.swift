internal import Logging
internal import Synchronization

/// Logs each failure once and counts it from then on, so that a client that repeats an error a thousand times a second
/// cannot fill a disk. All operations are thread-safe.
final class RepeatedFaultLog: Sendable {
    private struct State {
        /// How often each failure was reported, including the first time.
        var counts: [String: Int] = [:]
        /// Reports of failures beyond the limit of keys.
        var uncounted = 0
    }

    private let logger: Logger
    private let keyLimit: Int
    private let state = Mutex(State())

    /// - Parameter keyLimit: Number of different failures. Default 256; further ones are counted together, after one
    ///   line that says so.
    init(_ logger: Logger, keyLimit: Int = 256) {
        self.logger = logger
        self.keyLimit = keyLimit
    }

    /// Reports a failure that the program can handle. See `report`.
    func warning(
        _ message: @autoclosure () -> Logger.Message, key: String, metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        report(.warning, message(), key: key, metadata: metadata())
    }

    /// Reports an internal failure or one of the machine. There is always room for it: no client chooses its key, and
    /// failures of clients must not hide it. See `report`.
    func error(
        _ message: @autoclosure () -> Logger.Message, key: String, metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        report(.error, message(), key: key, metadata: metadata())
    }

    /// Logs the first failure with a key; later ones are only counted, and their text is not rendered.
    /// - Parameter key: Identifies equal failures. May contain what a client sent: the number of keys is bounded.
    private func report(
        _ level: Logger.Level, _ message: @autoclosure () -> Logger.Message, key: String,
        metadata: @autoclosure () -> Logger.Metadata
    ) {
        switch count(key, isBounded: level != .error) {
        case .first: logger.log(level: level, message(), metadata: metadata())
        case .again: break
        case .firstBeyondLimit:
            logger.warning("further kinds of faults are only counted", metadata: ["kinds": "\(keyLimit)"])
        }
    }

    private enum Occurrence {
        case first
        case again
        case firstBeyondLimit
    }

    private func count(_ key: String, isBounded: Bool) -> Occurrence {
        state.withLock { state in
            if let count = state.counts[key] {
                state.counts[key] = count &+ 1
                return .again
            }
            guard !isBounded || state.counts.count < keyLimit else {
                state.uncounted &+= 1
                return state.uncounted == 1 ? .firstBeyondLimit : .again
            }
            state.counts[key] = 1
            return .first
        }
    }

    /// How often each failure was reported, sorted by key, and how often those beyond the limit.
    func counts() -> (faults: [(key: String, count: Int)], others: Int) {
        state.withLock { state in
            (state.counts.sorted { $0.key < $1.key }.map { (key: $0.key, count: $0.value) }, state.uncounted)
        }
    }

    /// Logs how often each failure was repeated; for the end of the program.
    func logRepetitions() {
        let (faults, others) = counts()
        for (key, count) in faults where count > 1 {
            logger.info("fault repeated", metadata: ["fault": "\(key)", "count": "\(count)"])
        }
        if others > 0 {
            logger.info("further faults", metadata: ["count": "\(others)"])
        }
    }
}
