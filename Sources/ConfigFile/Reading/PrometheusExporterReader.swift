/// Reads one `exporters.prometheus`.
struct PrometheusExporterReader {
    private static let keys =
        ServerKeys.all + [
            KnownName("metric_expiration"),
            KnownName("enable_open_metrics"),
            KnownName("max_request_body_size", .noEffect("has no effect: bodies of scrapes are not read")),
            KnownName("namespace", .notSupportedYet(unless: [""])),
            KnownName("const_labels", .notSupportedYet()),
            KnownName("send_timestamps", .notSupportedYet(unless: ["false"])),
            KnownName("add_metric_suffixes", .notSupportedYet(unless: ["true"])),
            KnownName("translation_strategy", .notSupportedYet(unless: ["UnderscoreEscapingWithSuffixes"])),
            KnownName("without_scope_info", .notSupportedYet(unless: ["false"])),
            KnownName("resource_to_telemetry_conversion", .notSupportedYet()),
            KnownName("sending_queue", .noEffect("has no effect: metrics are shown as soon as they are counted")),
            KnownName("retry_on_failure", .noEffect("has no effect: metrics are shown as soon as they are counted")),
        ]

    let component: DefinedComponent
    /// What holds without `metric_expiration`.
    let defaultExpiration: MetricExpiration
    let findings: Findings

    /// Nil if it has no usable endpoint, which the findings then say.
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
        guard let endpoint else {
            return nil
        }
        let config = PrometheusConfig(
            name: component.id.description, endpoint: endpoint, expiration: expiration,
            enableOpenMetrics: enableOpenMetrics)
        return ListenerConfig(config: config, path: section.path.key("endpoint"), position: entry.value.position)
    }

    private func expiration(in section: Section) -> MetricExpiration {
        guard let duration = section.duration("metric_expiration"), let entry = section.entry("metric_expiration")
        else {
            return defaultExpiration
        }
        guard duration > .zero else {
            findings.note(entry.keyPosition, section.path.key(entry.key), "0 means that series are shown for ever")
            return MetricExpiration(counters: nil, gauges: nil)
        }
        return MetricExpiration(counters: duration, gauges: duration)
    }
}
