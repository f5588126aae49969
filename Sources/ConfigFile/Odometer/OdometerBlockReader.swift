internal import Settings

/// Reads `odometer:`, the settings that the Collector does not have.
struct OdometerBlockReader {
    private static let keys =
        CommonExporterSettings.knownNames
        + [
            "limits", "writers", "metric_expiration", "own_metrics_on_exporters", "state", "labels", "log", "forward",
            "events",
        ].map { KnownName($0) }

    let section: Section

    init(_ section: Section) {
        self.section = section
        section.check(Self.keys)
    }

    func limits() -> Limits? {
        section.group("limits")
    }

    /// The rules of the configuration, without the built-in ones.
    func writers() -> [WriterRule] {
        let path = section.path.key("writers")
        let given = section.list("writers") ?? []
        return given.enumerated().compactMap { writerRule($1, path: path.index($0)) }
    }

    private func writerRule(_ node: YAMLNode, path: ConfigPath) -> WriterRule? {
        guard let rule = Section(node, path: path, findings: section.findings) else {
            return nil
        }
        rule.check([KnownName("metric"), KnownName("mode")])
        let metric = rule.text("metric")
        let mode = rule.choice("mode", WriterMode.self)
        if rule.entry("metric") == nil || metric?.isEmpty ?? false {
            section.findings.mistake(
                rule.position, path, "metric is missing; write metric: NAME, with * for any characters")
        }
        if rule.entry("mode") == nil {
            section.findings.mistake(rule.position, path, "mode is missing; write mode: sum or mode: latest")
        }
        guard let metric, let mode else {
            return nil
        }
        return WriterRule(metric: metric, mode: mode)
    }

    func state() -> StateSettings? {
        section.group("state")
    }

    func log() -> LogLimits? {
        section.group("log")
    }

    func forward() -> ForwardSettings? {
        section.group("forward")
    }

    func events() -> EventMetricsSettings? {
        section.section("events").map { EventsReader(section: $0).read() }
    }

    func labels() -> LabelsConfig? {
        section.section("labels").map { LabelsReader(section: $0).read() }
    }

    func ownMetricsOnExporters() -> Bool? {
        section.flag("own_metrics_on_exporters")
    }

    /// Settings of all Prometheus exporters.
    func exporterSettings() -> CommonExporterSettings {
        CommonExporterSettings { section.setValues(of: &$0) }
    }

    /// How long series are shown unless an exporter sets it; 0 is for ever.
    func expiration() -> MetricExpiration {
        section.group("metric_expiration") ?? MetricExpiration()
    }
}
