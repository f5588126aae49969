internal import Settings

/// Reads `odometer:`, the settings that the Collector does not have.
struct OdometerBlockReader {
    private static let keys = [
        KnownName("limits"), KnownName("writers"), KnownName("metric_expiration"),
        KnownName("own_metrics_on_exporters"),
        KnownName("state"), KnownName("labels"), KnownName("log"), KnownName("forward"),
        KnownName("events"), KnownName("first_sample_zero"),
        KnownName("created_timestamps"), KnownName("target_info"),
    ]

    /// Counts may be as large as memory allows; the range only keeps out what must be a slip.
    private static let countRange = 1...1_000_000_000
    private static let memoryRange = (1 << 20)...(1 << 40)
    /// A time-out below this would cut off real clients.
    private static let shortestTimeout = Duration.milliseconds(100)

    let section: Section

    init(_ section: Section) {
        self.section = section
        section.check(Self.keys)
    }

    func limits() -> Limits? {
        section.group("limits")
    }

    /// The rules of the configuration; the built-in ones are not among them.
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

    func state() -> StateConfig {
        var state = StateConfig()
        guard let given = section.section("state") else {
            return state
        }
        given.check(
            ["path", "sync_interval", "checkpoint_interval", "max_journal", "max_backlog"].map { KnownName($0) })
        if let path = given.text("path") {
            state.path = path
            state.isPathGiven = true
        }
        state.syncInterval = given.duration("sync_interval") ?? state.syncInterval
        state.checkpointInterval =
            given.duration("checkpoint_interval", atLeast: Self.shortestTimeout) ?? state.checkpointInterval
        state.journalLimit = given.byteCount("max_journal", in: Self.memoryRange) ?? state.journalLimit
        state.backlogLimit = given.byteCount("max_backlog", in: Self.memoryRange) ?? state.backlogLimit
        return state
    }

    func log() -> LogConfig {
        var log = LogConfig()
        guard let given = section.section("log") else {
            return log
        }
        given.check([KnownName("max_backlog"), KnownName("max_backlog_lines")])
        log.backlogLimit = given.byteCount("max_backlog", in: (64 << 10)...(1 << 30)) ?? log.backlogLimit
        log.backlogLinesLimit = given.integer("max_backlog_lines", in: 100...10_000_000) ?? log.backlogLinesLimit
        return log
    }

    func forwarding() -> ForwardingConfig {
        var config = ForwardingConfig()
        guard let given = section.section("forward") else {
            return config
        }
        given.check(["max_attempts_while_others_succeed", "report_interval"].map { KnownName($0) })
        if let attempts = given.integer("max_attempts_while_others_succeed", in: 0...1_000_000_000) {
            config.attemptsWhileOthersSucceed = attempts == 0 ? nil : attempts
        }
        config.reportInterval =
            given.duration("report_interval", atLeast: Self.shortestTimeout) ?? config.reportInterval
        return config
    }

    func events() -> EventsConfig? {
        section.section("events").map { EventsReader(section: $0).read() }
    }

    func labels() -> LabelsConfig? {
        section.section("labels").map { LabelsReader(section: $0).read() }
    }

    func ownMetricsOnExporters() -> Bool? {
        section.flag("own_metrics_on_exporters")
    }

    /// What holds for all Prometheus exporters.
    func exporterSettings() -> CommonExporterSettings {
        var settings = CommonExporterSettings()
        settings.createdTimestamps = section.flag("created_timestamps") ?? settings.createdTimestamps
        settings.firstSampleZero = section.flag("first_sample_zero") ?? settings.firstSampleZero
        settings.targetInfo = section.choice("target_info", TargetInfoPolicy.self) ?? settings.targetInfo
        return settings
    }

    /// How long series are shown where an exporter does not say it; 0 is for ever.
    func expiration() -> MetricExpiration {
        var expiration = MetricExpiration()
        guard let given = section.section("metric_expiration") else {
            return expiration
        }
        given.check([KnownName("counters"), KnownName("gauges")])
        if let counters = given.duration("counters") {
            expiration.counters = counters == .zero ? nil : counters
        }
        if let gauges = given.duration("gauges") {
            expiration.gauges = gauges == .zero ? nil : gauges
        }
        return expiration
    }
}
