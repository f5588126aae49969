internal import OTLP
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The time of day; injected, so that tests set it.
protocol WallClock: Sendable {
    func now() -> UnixNanoseconds

    /// The time, with changes of the clock.
    func reading() -> ClockReading
}

/// A reading of a clock.
struct ClockReading: Sendable {
    var time: UnixNanoseconds
    /// Seconds by which the clock was set forward since the first reading; negative: back. It includes time in which
    /// the machine was suspended.
    var jump: Int64 = 0
}

extension WallClock {
    func reading() -> ClockReading { ClockReading(time: now()) }
}

/// The system's clock, compared with a monotonic one.
final class SystemClock: WallClock {
    /// Smaller changes of the difference come from time synchronisation, nanoseconds. 1 s.
    private static let tolerance: Int64 = 1_000_000_000

    /// The difference between wall clock and monotonic clock, nanoseconds: at first, and since it was last set.
    private let first: Int64
    private let lead: Atomic<Int64>

    init() {
        first = Int64(clamping: Self.time(of: CLOCK_REALTIME)) &- Self.steadyTime
        lead = Atomic(first)
    }

    func now() -> UnixNanoseconds { Self.time(of: CLOCK_REALTIME) }

    func reading() -> ClockReading {
        let time = now()
        let current = Int64(clamping: time) &- Self.steadyTime
        var lead = lead.load(ordering: .relaxed)
        if (current &- lead).magnitude > UInt64(Self.tolerance) {
            self.lead.store(current, ordering: .relaxed)
            lead = current
        }
        return ClockReading(time: time, jump: (lead &- first) / 1_000_000_000)
    }

    /// Nanoseconds in which the machine ran.
    private static var steadyTime: Int64 {
        #if canImport(Darwin)
        Int64(clamping: time(of: CLOCK_UPTIME_RAW))
        #else
        Int64(clamping: time(of: CLOCK_MONOTONIC))
        #endif
    }

    private static func time(of clock: clockid_t) -> UnixNanoseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return UnixNanoseconds(max(0, time.tv_sec)) * 1_000_000_000 + UnixNanoseconds(max(0, time.tv_nsec))
    }
}
