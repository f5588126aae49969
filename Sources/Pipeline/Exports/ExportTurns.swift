internal import Receiver
internal import Synchronization

/// Long exports take turns, in the order of their arrival: one at a time is decoded, kept and counted, so that together
/// they need the memory of one. While one is counted in part, no checkpoint begins.
package final class ExportTurns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [(bytes: Int, body: @Sendable () -> Void)] = []
        var waitingBytes = 0
        var idle: (@Sendable () -> Void)?
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

    /// Calls `body` when it has its turn: at once, or when those before it have called `end`. It must call `end`.
    /// - Parameter bytes: its memory meanwhile.
    /// - Returns: false if too much waits already, since decoding, disk and counting do not keep up; then it is not called.
    func begin(bytes: Int = 0, _ body: @escaping @Sendable () -> Void) -> Bool {
        let (isGranted, isFree) = state.withLock { state -> (Bool, Bool) in
            guard state.isTaken else {
                state.isTaken = true
                return (true, true)
            }
            guard state.waitingBytes + bytes <= limit else { return (false, false) }
            state.waiting.append((bytes, body))
            state.waitingBytes += bytes
            return (true, false)
        }
        if isFree { body() }
        return isGranted
    }

    /// Ends the turn: first runs what waits for all exports to be complete, then the next turn.
    func end() {
        let idle = state.withLock { state in
            defer { state.idle = nil }
            return state.idle
        }
        idle?()
        let next = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            let first = state.waiting.removeFirst()
            state.waitingBytes -= first.bytes
            return first.body
        }
        next?()
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
