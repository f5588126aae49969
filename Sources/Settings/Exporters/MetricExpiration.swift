/// `odometer.metric_expiration`: how long a series is shown after its last data point arrived, nanoseconds. 0 (nil): for
/// ever.
package struct MetricExpiration: SettingGroup {
    /// Counters and histograms.
    package var counters: UInt64?
    /// Gauges and target_info.
    package var gauges: UInt64? = 300 * 1_000_000_000

    package init() {}

    /// `metric_expiration` of a Prometheus exporter, which does not tell types apart.
    package init(both time: UInt64?) {
        counters = time
        gauges = time
    }

    package static let keys: [Key<MetricExpiration>] = [
        .nanoseconds("counters", \.counters),
        .nanoseconds("gauges", \.gauges),
    ]
}
