internal import Platform
internal import Settings

/// Reads one `exporters.prometheus`.
struct PrometheusExporterReader {
    private static let keys =
        ServerKeys.all + [
            KnownName("metric_expiration"),
            KnownName("enable_open_metrics"),
            KnownName("max_request_body_size", .noEffect("bodies of scrapes are not read")),
            KnownName("namespace"), KnownName("const_labels"), KnownName("send_timestamps"),
            KnownName("add_metric_suffixes"), KnownName("translation_strategy"), KnownName("without_scope_info"),
            KnownName("resource_to_telemetry_conversion"),
            KnownName("sending_queue", .noEffect("metrics are shown as soon as they are counted")),
            KnownName("retry_on_failure", .noEffect("metrics are shown as soon as they are counted")),
        ]

    let component: DefinedComponent
    /// Used without `metric_expiration`.
    let defaultExpiration: MetricExpiration
    /// Settings of the `odometer:` block for all exporters.
    let common: CommonExporterSettings
    let findings: Findings

    /// Nil if it has no usable endpoint; that is in the findings.
    func read() -> ListenerConfig<PrometheusConfig>? {
        let section = component.section(findings)
        section?.check(Self.keys)
        guard let section, let entry = section.entry("endpoint") else {
            findings.mistake(
                component.position, component.path,
                "endpoint is missing; write endpoint: 0.0.0.0:\(PrometheusConfig.customaryPort)")
            return nil
        }
        let endpoint = section.endpoint("endpoint", defaultPort: PrometheusConfig.customaryPort)
        let expiration = expiration(in: section)
        let enableOpenMetrics = section.flag("enable_open_metrics") ?? false
        let sendTimestamps = section.flag("send_timestamps") ?? false
        if sendTimestamps, let entry = section.entry("send_timestamps") {
            findings.note(
                entry.keyPosition, section.path.key(entry.key),
                "samples have the time of their last data point: Prometheus treats a series as stale 5 minutes after "
                    + "its last point, although it is still shown")
        }
        let tls = section.serverTLS()
        let auth = section.serverAuth(isHTTP: true)
        let naming = NamingReader(section: section, findings: findings).read()
        guard let endpoint else {
            return nil
        }
        var config = PrometheusConfig(
            name: component.id.description, endpoint: endpoint, expiration: expiration,
            enableOpenMetrics: enableOpenMetrics)
        config.sendTimestamps = sendTimestamps
        config.naming = naming
        config.tls = tls
        config.auth = auth
        config.common = common
        return ListenerConfig(config: config, path: section.path.key("endpoint"), position: entry.value.position)
    }

    private func expiration(in section: Section) -> MetricExpiration {
        guard let duration = section.duration("metric_expiration"), let entry = section.entry("metric_expiration")
        else {
            return defaultExpiration
        }
        guard duration > .zero else {
            findings.note(entry.keyPosition, section.path.key(entry.key), "0 means that series never expire")
            return MetricExpiration(both: nil)
        }
        return MetricExpiration(both: duration.nanoseconds)
    }
}
