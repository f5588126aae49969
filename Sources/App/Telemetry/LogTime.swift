internal import Platform

/// A moment in the format of logs.
struct LogTime: Equatable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    var seconds: Int64
    /// 0 to 999.
    var milliseconds: Int

    /// Now, by the system's clock.
    static func now() -> LogTime {
        let milliseconds = wallTime() / 1_000_000
        return LogTime(seconds: Int64(milliseconds / 1000), milliseconds: Int(milliseconds % 1000))
    }

    /// `2026-11-21T12:34:56.789Z`.
    var text: String {
        let utc = UTCTime(unixSeconds: seconds)
        func digits(_ number: Int, _ count: Int = 2) -> String { UTCTime.digits(number, count) }
        return "\(digits(utc.year, 4))-\(digits(utc.month))-\(digits(utc.day))"
            + "T\(digits(utc.hour)):\(digits(utc.minute)):\(digits(utc.second)).\(digits(milliseconds, 3))Z"
    }
}
