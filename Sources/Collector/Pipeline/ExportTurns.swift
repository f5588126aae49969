internal import NIOCore
internal import Synchronization

/// Long exports take turns, in the order of their arrival: one at a time is decoded, kept and counted, so that the memory
/// they take is that of one. In between, what they have counted is not whole, and no checkpoint begins.
final class ExportTurns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [@Sendable () -> Void] = []
        var idle: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Between two parts of an export. The event loop looks after its sockets only when it has no task that is due. 50 µs.
    static let pause = TimeAmount.microseconds(50)

    /// Whether an export would have its turn at once.
    var isFree: Bool { state.withLock { !$0.isTaken } }

    /// Calls `body` when it has its turn: at once, or when those before it have called `end`. It must call `end`.
    func begin(_ body: @escaping @Sendable () -> Void) {
        let isTaken = state.withLock { state in
            if state.isTaken { state.waiting.append(body) }
            defer { state.isTaken = true }
            return state.isTaken
        }
        if !isTaken { body() }
    }

    /// The turn is over: first comes what waits for all that was counted to be whole, then the next turn.
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
            return state.waiting.removeFirst()
        }
        next?()
    }

    /// Calls `body` when no export has a turn: before the next one begins. Takes the place of what an earlier call said.
    /// - Returns: false when none has now; then it is not called.
    func whenIdle(_ body: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.isTaken { state.idle = body }
            return state.isTaken
        }
    }
}
