internal import OTLP
internal import Settings

extension MetricExpiration {
    /// How long series of a type are shown after their last point, nanoseconds; nil: they never expire.
    func time(of type: FamilyType) -> UInt64? {
        switch type {
        case .counter, .histogram, .nativeHistogram, .summary: counters
        case .gauge, .unknown, .info, .stateset: gauges
        }
    }

    /// Whether a series last seen at `lastSeen` is expired.
    static func isOver(_ lastSeen: UnixNanoseconds, at now: UnixNanoseconds, expiry: UInt64?) -> Bool {
        guard let expiry else { return false }
        return now > lastSeen && now - lastSeen >= expiry
    }
}
