package import OTLP
internal import Platform
internal import Synchronization

/// The time of day; injected, so that tests set it.
package protocol WallClock: Sendable {
    func now() -> UnixNanoseconds

    /// The time, with changes of the clock.
    func reading() -> ClockReading
}

/// A reading of a clock.
package struct ClockReading: Sendable {
    package var time: UnixNanoseconds
    /// Seconds by which the clock was set forward since the first reading; negative: back. It includes time in which
    /// the machine was suspended.
    var jump: Int64 = 0
}

extension WallClock {
    /// A clock that is never set.
    package func reading() -> ClockReading { ClockReading(time: now()) }
}

/// The system's clock, compared with a monotonic one.
package final class SystemClock: WallClock {
    /// Smaller changes of the difference come from time synchronisation, nanoseconds. 1 s.
    private static let tolerance: Int64 = 1_000_000_000

    /// The difference between wall clock and monotonic clock, nanoseconds: at first, and since it was last set.
    private let first: Int64
    private let lead: Atomic<Int64>

    package init() {
        first = Int64(clamping: wallTime()) &- Self.steadyTime
        lead = Atomic(first)
    }

    /// See `WallClock`.
    package func now() -> UnixNanoseconds { wallTime() }

    /// See `WallClock`.
    package func reading() -> ClockReading {
        let time = now()
        let current = Int64(clamping: time) &- Self.steadyTime
        var lead = lead.load(ordering: .relaxed)
        if (current &- lead).magnitude > UInt64(Self.tolerance) {
            self.lead.store(current, ordering: .relaxed)
            lead = current
        }
        return ClockReading(time: time, jump: (lead &- first) / 1_000_000_000)
    }

    private static var steadyTime: Int64 { Int64(clamping: runningTime()) }
}
