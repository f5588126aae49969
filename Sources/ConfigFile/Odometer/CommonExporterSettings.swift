package import Settings

/// What `odometer:` says for every Prometheus exporter.
package struct CommonExporterSettings: SettingGroup {
    /// Whether OpenMetrics carries `_created` lines.
    package var createdTimestamps = false
    /// Whether Prometheus sees newborn counters and histograms as 0 first.
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
