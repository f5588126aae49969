internal import NIOCore
private import NIOPosix
private import Synchronization

/// Does the slow checks of passwords one after the other on another thread, so that guessing costs one processor at most
/// and no event loop waits. Thread-safe.
final class SlowChecks: Sendable {
    /// Checks that may wait. Default 64, some seconds' worth; further requests are told to come again.
    private let waitingLimit: Int

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let state = Mutex(State())

    init(waitingLimit: Int = 64) { self.waitingLimit = waitingLimit }

    /// The result of a check, on this event loop; nil when too many are waiting.
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
