/// Settings of an exposition. The defaults are the Collector's.
package struct ExpositionSettings: Equatable, Sendable {
    /// Whether samples carry the time of their newest point (`send_timestamps`, R-TS-01, R-TS-02): milliseconds in the
    /// text and protobuf formats, seconds in OpenMetrics. A sample whose time is 0 carries none. Default false.
    package var timestamps: Bool
    /// Whether OpenMetrics has `_created` lines, which Prometheus stores as separate series. The protobuf format always
    /// has start timestamps. Default false.
    package var createdTimestamps: Bool
    /// Whether label sets may contain quoted names (`"a.b"="c"`), as from translation strategies that keep UTF-8.
    /// Otherwise label sets are copied without parsing. Default false.
    package var hasQuotedLabelNames: Bool

    package init(timestamps: Bool = false, createdTimestamps: Bool = false, hasQuotedLabelNames: Bool = false) {
        self.timestamps = timestamps
        self.createdTimestamps = createdTimestamps
        self.hasQuotedLabelNames = hasQuotedLabelNames
    }
}
