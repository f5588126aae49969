internal import OTLP

/// The clock by which windows and events age: seconds that passed while the collector ran.
///
/// It follows the wall clock, without its jumps and without the time between two runs, so that duplicates are
/// recognised however the clock was set. Never falls.
struct WindowClock {
    /// Seconds of the wall clock that this clock skipped.
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

    /// Continues from the state of the previous process.
    /// - Returns: the seconds of the wall clock that this clock skipped.
    mutating func resume(at wall: UnixNanoseconds) -> Int64 {
        guard now > 0 else { return 0 }
        let former = offset
        offset = Int64(wall / 1_000_000_000) &- Int64(now)
        return offset &- former
    }
}
