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

    /// The time with what was done to the clock.
    func reading() -> ClockReading
}

/// A look at a clock.
struct ClockReading: Sendable {
    var time: UnixNanoseconds
    /// Seconds by which the clock was set forward since it was first looked at; negative: back. The time for which the
    /// machine was suspended is among them.
    var jump: Int64 = 0
}

extension WallClock {
    func reading() -> ClockReading { ClockReading(time: now()) }
}

/// The system's clock, watched by another one that nobody sets.
final class SystemClock: WallClock {
    /// Differences that grow by less are the work of time synchronisation, nanoseconds. 1 s.
    private static let tolerance: Int64 = 1_000_000_000

    /// How far the wall clock is ahead of the other one, nanoseconds: at first, and since it was last set.
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

    /// Nanoseconds while the machine ran.
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
