internal import Logging
internal import Synchronization

/// Logs each kind of fault once and counts it from then on, so that a client that repeats its fault a thousand times a
/// second cannot fill a disk. All operations are thread-safe.
final class RepeatedFaultLog: Sendable {
    private struct State {
        /// Times each kind was reported, the first included.
        var counts: [String: Int] = [:]
        /// Reports of kinds that there was no room for.
        var uncounted = 0
    }

    private let logger: Logger
    private let keyLimit: Int
    private let state = Mutex(State())

    /// - Parameter keyLimit: Kinds that are told apart. Default 256; further ones are counted together, after one line
    ///   that says so.
    init(logger: Logger, keyLimit: Int = 256) {
        self.logger = logger
        self.keyLimit = keyLimit
    }

    /// Reports a fault. The first of its kind is logged, with the message; the others are only counted.
    /// - Parameter kind: What faults are the same; should come from a small set, but may be hostile.
    func report(
        _ kind: String, level: Logger.Level = .warning, _ message: @autoclosure () -> Logger.Message,
        metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        switch count(kind) {
        case .first:
            var fields = metadata()
            fields["fault"] = "\(kind)"
            logger.log(level: level, message(), metadata: fields)
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

    private func count(_ kind: String) -> Occurrence {
        state.withLock { state in
            if let count = state.counts[kind] {
                state.counts[kind] = count &+ 1
                return .again
            }
            guard state.counts.count < keyLimit else {
                state.uncounted &+= 1
                return state.uncounted == 1 ? .firstBeyondLimit : .again
            }
            state.counts[kind] = 1
            return .first
        }
    }

    /// How often each kind was reported, sorted by kind, and how often others were.
    func counts() -> (kinds: [(kind: String, count: Int)], others: Int) {
        state.withLock { state in
            (state.counts.sorted { $0.key < $1.key }.map { (kind: $0.key, count: $0.value) }, state.uncounted)
        }
    }

    /// Logs how often each kind was repeated; for the end of the program.
    func logRepetitions() {
        let (kinds, others) = counts()
        for (kind, count) in kinds where count > 1 {
            logger.info("fault repeated", metadata: ["fault": "\(kind)", "count": "\(count)"])
        }
        if others > 0 {
            logger.info("other faults", metadata: ["count": "\(others)"])
        }
    }
}
