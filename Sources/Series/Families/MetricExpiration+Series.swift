internal import OTLP
internal import Settings

extension MetricExpiration {
    /// How long series of a type are shown after their last point, nanoseconds; nil = for ever.
    func time(of type: FamilyType) -> UInt64? {
        switch type {
        case .counter, .histogram, .nativeHistogram, .summary: counters
        case .gauge, .unknown, .info, .stateset: gauges
        }
    }

    /// Whether what was seen for the last time at `lastSeen` is not shown any more.
    static func isOver(_ lastSeen: UnixNanoseconds, at now: UnixNanoseconds, expiry: UInt64?) -> Bool {
        guard let expiry else { return false }
        return now > lastSeen && now - lastSeen >= expiry
    }
}
