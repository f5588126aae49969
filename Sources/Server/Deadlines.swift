internal import NIOCore
internal import Platform

// Limits are durations of the standard library, since settings do not depend on NIO; deadlines are NIO's.

func + (deadline: NIODeadline, time: Duration) -> NIODeadline { deadline + TimeAmount(whole: time) }

func - (deadline: NIODeadline, time: Duration) -> NIODeadline { deadline - TimeAmount(whole: time) }

extension TimeAmount {
    /// The same in whole nanoseconds, with one division: every request moves deadlines.
    fileprivate init(whole time: Duration) {
        self = .nanoseconds(Int64(clamping: time.nanoseconds))
    }
}
