internal import Receiver
internal import Synchronization

/// Long exports take turns: one at a time is decoded, kept and counted, so that together they need the memory of one.
/// While one is counted in part, no checkpoint begins.
///
/// Three of four turns go to the export with the least work, so that many long ones of one client hardly delay the
/// shorter ones of others; the fourth goes to the oldest, so that every export gets its turn.
package final class ExportTurns: Sendable {
    private struct Waiting {
        var bytes: Int
        var work: Int
        var body: @Sendable () -> Void
    }

    private struct State {
        var isTaken = false
        /// Oldest first.
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var turns = 0
        var idle: (@Sendable () -> Void)?

        /// The export that has the next turn.
        mutating func next() -> Waiting? {
            turns &+= 1
            let least = waiting.indices.min { waiting[$0].work < waiting[$1].work }
            guard let index = turns % 4 == 0 ? waiting.indices.first : least else { return nil }
            let next = waiting.remove(at: index)
            waitingBytes -= next.bytes
            return next
        }
    }

    private let state = Mutex(State())

    /// Limit of the bytes of bodies that wait.
    private let limit: Int

    /// - Parameter limit: bytes of bodies that may wait for their turn.
    package init(limit: Int) { self.limit = limit }

    /// The answer to an export that `begin` does not take.
    static let refusal = IngestFailure.unavailable(
        "too many long exports wait for their turn (max_backlog)", retryAfterSeconds: 5)

    /// Whether an export would have its turn at once.
    var isFree: Bool { state.withLock { !$0.isTaken } }

    /// Calls `body` when it has its turn: at once if no export has one. It must call `end`.
    /// - Parameters:
    ///   - bytes: its memory meanwhile.
    ///   - work: how much there is to do, in rows; see `work(ofBytes:)`.
    /// - Returns: false if too much waits already, since decoding, disk and counting do not keep up; then it is not called.
    func begin(bytes: Int = 0, work: Int = 0, _ body: @escaping @Sendable () -> Void) -> Bool {
        let (isGranted, isFree) = state.withLock { state -> (Bool, Bool) in
            guard state.isTaken else {
                state.isTaken = true
                return (true, true)
            }
            guard state.waitingBytes + bytes <= limit else { return (false, false) }
            state.waiting.append(Waiting(bytes: bytes, work: work, body: body))
            state.waitingBytes += bytes
            return (true, false)
        }
        if isFree { body() }
        return isGranted
    }

    /// The work for a body that was not decoded, because it or its rows are large: rows of 32 bytes, at least 16,384.
    static func work(ofBytes bytes: Int) -> Int { max(16_384, bytes / 32) }

    /// Ends the turn: first runs what waits for all exports to be complete, then the next turn.
    func end() {
        let idle = state.withLock { state in
            // No export has a turn while `idle` runs.
            state.isTaken = false
            defer { state.idle = nil }
            return state.idle
        }
        idle?()
        let next = state.withLock { state -> Waiting? in
            guard !state.isTaken, let next = state.next() else { return nil }
            state.isTaken = true
            return next
        }
        next?.body()
    }

    /// Calls `body` when no export has a turn: before the next one begins. Replaces an earlier call's `body`.
    /// - Returns: false if none has a turn now; then it is not called.
    func whenIdle(_ body: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.isTaken { state.idle = body }
            return state.isTaken
        }
    }
}
