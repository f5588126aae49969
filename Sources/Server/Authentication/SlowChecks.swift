internal import NIOCore
private import NIOPosix
private import Synchronization

/// Verifies slow password hashes one at a time on another thread, so that guessing costs at most one processor and does
/// not block an event loop. Thread-safe.
final class SlowChecks: Sendable {
    /// Checks that may wait. Default 64, a few seconds of work; further requests are refused as overloaded.
    private let waitingLimit: Int

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let state = Mutex(State())

    init(waitingLimit: Int = 64) { self.waitingLimit = waitingLimit }

    /// The response to a request after its check.
    /// - Parameters:
    ///   - admitted: the response to an authenticated request.
    ///   - refused: the response to any other.
    ///   - overloaded: the response if too many checks wait.
    func answer<Reply>(
        after verdict: AuthenticationVerdict, on eventLoop: any EventLoop,
        admitted: @escaping @Sendable () -> Answer<Reply>,
        refused: @escaping @Sendable (AuthenticationRefusal) -> Reply,
        overloaded: () -> Reply
    ) -> Answer<Reply> {
        switch verdict {
        case .accepted: return admitted()
        case .refused(let refusal): return .now(refused(refusal))
        case .pending(let check):
            guard let refusal = result(of: check, on: eventLoop) else { return .now(overloaded()) }
            return Answer.later(refusal).flatMap { $0.map { .now(refused($0)) } ?? admitted() }
        }
    }

    /// The result of a check, on this event loop; nil if too many wait.
    func result<Value: Sendable>(
        of check: @escaping @Sendable () -> Value, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Value>? {
        let promise = eventLoop.makePromise(of: Value.self)
        let (isTaken, starts) = state.withLock { state in
            guard state.waiting.count < waitingLimit else { return (false, false) }
            state.waiting.append { promise.succeed(check()) }
            defer { state.isRunning = true }
            return (true, !state.isRunning)
        }
        guard isTaken else {
            promise.fail(CancellationError())
            return nil
        }
        if starts { NIOThreadPool.singleton.submit { _ in self.run() } }
        return promise.futureResult
    }

    private func run() {
        while true {
            let next = state.withLock { state -> (@Sendable () -> Void)? in
                guard !state.waiting.isEmpty else {
                    state.isRunning = false
                    return nil
                }
                return state.waiting.removeFirst()
            }
            guard let next else { return }
            next()
        }
    }
}
