package import Settings

/// Settings in `odometer:` for every Prometheus exporter.
package struct CommonExporterSettings: SettingGroup {
    /// Whether OpenMetrics carries `_created` lines.
    package var createdTimestamps = false
    /// Whether Prometheus sees new counters and histograms as 0 first.
    package var firstSampleZero = true
    /// Which resources become a `target_info`.
    package var targetInfo = TargetInfoPolicy.collector

    package init() {}

    package static let keys: [Key<CommonExporterSettings>] = [
        .flag("created_timestamps", \.createdTimestamps),
        .flag("first_sample_zero", \.firstSampleZero),
        .choice("target_info", \.targetInfo),
    ]
}
