/// Nanoseconds since 1970-01-01 UTC.
package typealias UnixNanoseconds = UInt64

/// The time of day, by the system's clock.
package func wallTime() -> UnixNanoseconds { time(of: CLOCK_REALTIME) }

/// Nanoseconds of a clock that never goes back.
package func monotonicTime() -> UInt64 { time(of: CLOCK_MONOTONIC) }

/// Nanoseconds in which the machine ran: without the time in which it was suspended.
package func runningTime() -> UInt64 {
    #if canImport(Darwin)
    time(of: CLOCK_UPTIME_RAW)
    #else
    time(of: CLOCK_MONOTONIC)
    #endif
}

/// Pauses this thread.
package func pause(nanoseconds: UInt64) {
    var time = timespec(nanoseconds: nanoseconds)
    nanosleep(&time, nil)
}

private func time(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(max(0, time.tv_sec)) &* nanosecondsPerSecond &+ UInt64(max(0, time.tv_nsec))
}

private let nanosecondsPerSecond: UInt64 = 1_000_000_000

extension timespec {
    init(nanoseconds: UInt64) {
        self.init(tv_sec: Int(nanoseconds / nanosecondsPerSecond), tv_nsec: Int(nanoseconds % nanosecondsPerSecond))
    }
}

extension Duration {
    /// Whole nanoseconds, 0 to 584 years: shorter and longer durations are the nearest of these.
    package var nanoseconds: UInt64 { UInt64(clamping: attoseconds / 1_000_000_000) }

    /// As many nanoseconds, at most 292 years.
    package init(nanoseconds: UInt64) { self = .nanoseconds(Int64(clamping: nanoseconds)) }

    /// The time since a reading of `monotonicTime`.
    package static func since(_ start: UInt64) -> Duration {
        let now = monotonicTime()
        return Duration(nanoseconds: now - min(now, start))
    }
}

extension UInt64 {
    /// A time in nanoseconds plus a duration, or the largest possible time.
    package func later(by duration: Duration) -> UInt64 {
        let (sum, isBeyond) = addingReportingOverflow(duration.nanoseconds)
        return isBeyond ? .max : sum
    }
}
