/// A value behind a lock with one condition: threads change it, and wait for a change.
///
/// Unchecked: `state` is touched only with the mutex held, which the compiler cannot see.
package final class Monitor<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    /// - Parameter state: the value at the beginning.
    package init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
        pthread_cond_init(condition, nil)
        #else
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the value; waiting threads are not woken.
    package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Wakes every thread that waits.
    package func signal() {
        pthread_cond_broadcast(condition)
    }

    /// Waits until `body` returns a value, or until the deadline (nanoseconds of `monotonicTime`) has passed: then nil.
    /// `body` runs with the lock held, first at once and then after every signal.
    package func wait<Result>(until deadline: UInt64? = nil, _ body: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            let now = monotonicTime()
            if now >= deadline { return nil }
            waitAtMost(deadline &- now, deadline: deadline)
        }
    }

    private func waitAtMost(_ rest: UInt64, deadline: UInt64) {
        #if canImport(Darwin)
        var time = timespec(nanoseconds: rest)
        pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
        var time = timespec(nanoseconds: deadline)
        pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}
