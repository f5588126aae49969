internal import OTLP

/// The time that windows and events are remembered by: seconds that passed while the collector ran.
///
/// Runs with the wall clock and does not jump with it, nor does time pass while nothing runs: what is sent again is known
/// however the clock was set meanwhile. Never falls.
struct WindowClock {
    /// Seconds of the wall clock that did not pass here.
    private(set) var offset: Int64
    /// Seconds.
    private(set) var now: UInt32
    /// See `noteJump`.
    private var jumped: Int64 = 0

    init(offset: Int64 = 0, now: UInt32 = 0) {
        self.offset = offset
        self.now = now
    }

    mutating func advance(to wall: UnixNanoseconds) {
        now = max(now, UInt32(clamping: Int64(wall / 1_000_000_000) &- offset))
    }

    /// - Parameter total: seconds by which the wall clock was set forward since the process began; negative: back.
    mutating func noteJump(_ total: Int64) {
        guard total != jumped else { return }
        offset &+= total &- jumped
        jumped = total
    }

    /// Goes on where the process before ended.
    /// - Returns: how many seconds of the wall clock did not pass here.
    mutating func resume(at wall: UnixNanoseconds) -> Int64 {
        guard now > 0 else { return 0 }
        let former = offset
        offset = Int64(wall / 1_000_000_000) &- Int64(now)
        return offset &- former
    }
}
