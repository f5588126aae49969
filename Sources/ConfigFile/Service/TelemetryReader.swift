/// Reads `service.telemetry`.
struct TelemetryReader {
    private static let logKeys =
        [KnownName("level"), KnownName("encoding")]
        + [
            "development", "disable_caller", "disable_stacktrace", "sampling", "output_paths", "error_output_paths",
            "initial_fields", "processors",
        ].map { KnownName($0, .noEffect("logs are lines on standard error")) }

    private static let prometheusKeys =
        [KnownName("host"), KnownName("port")]
        + ["without_scope_info", "without_units", "without_type_suffix", "with_resource_constant_labels"].map {
            KnownName($0, .noEffect("names and labels of Odometer's own metrics are fixed"))
        }

    /// Nil if the configuration has none.
    let section: Section?

    func read() -> (config: TelemetryConfig, listeners: [ListenerConfig<Endpoint>]) {
        section?.check([
            KnownName("logs"), KnownName("metrics"),
            KnownName("resource", .noEffect("Odometer's own metrics have no resource")),
            KnownName("traces", .noEffect("Odometer creates no traces of its own")),
        ])
        var config = TelemetryConfig()
        if let logs = section?.section("logs") {
            logs.check(Self.logKeys)
            config.logLevel = level(in: logs) ?? config.logLevel
            config.logEncoding = logs.choice("encoding", LogEncoding.self) ?? config.logEncoding
        }
        let listeners = section?.section("metrics").map(listeners) ?? [Self.defaultListener]
        config.ownMetrics.listeners = listeners.map(\.config)
        return (config, listeners)
    }

    private static let defaultListener = ListenerConfig(
        config: OwnMetricsConfig.defaultListener, path: ConfigPath.root.key("service").key("telemetry").key("metrics"),
        position: nil)

    /// In any letter case; zap's levels above error become error.
    private func level(in logs: Section) -> LogLevel? {
        guard let text = logs.text("level")?.lowercased(), let entry = logs.entry("level") else {
            return nil
        }
        if ["dpanic", "panic", "fatal"].contains(text) {
            return .error
        }
        if let level = LogLevel(rawValue: text == "warning" ? "warn" : text) {
            return level
        }
        let levels = Section.alternatives(LogLevel.allCases.map(\.rawValue))
        logs.findings.mistake(
            entry.value.position, logs.path.key("level"), "expected \(levels), got \(quoted(text))")
        return nil
    }

    private enum Level: String, CaseIterable {
        case none
        case basic
        case normal
        case detailed
    }

    /// Where the collector's own metrics are shown.
    private func listeners(_ metrics: Section) -> [ListenerConfig<Endpoint>] {
        metrics.check([
            KnownName("level"), KnownName("address"), KnownName("readers"),
            KnownName("views", .noEffect("all of Odometer's own metrics are always shown")),
        ])
        if let text = metrics.text("level")?.lowercased(), let entry = metrics.entry("level") {
            if text == Level.none.rawValue {
                return []
            }
            if Level(rawValue: text) == nil {
                let levels = Section.alternatives(Level.allCases.map(\.rawValue))
                metrics.findings.mistake(
                    entry.value.position, metrics.path.key("level"), "expected \(levels), got \(quoted(text))")
            }
        }
        if let readers = metrics.list("readers") {
            let path = metrics.path.key("readers")
            return readers.enumerated().compactMap { reader($1, path: path.index($0), metrics.findings) }
        }
        guard let entry = metrics.entry("address"),
            let endpoint = metrics.endpoint("address", defaultPort: OwnMetricsConfig.defaultListener.port)
        else {
            return [Self.defaultListener]
        }
        return [ListenerConfig(config: endpoint, path: metrics.path.key("address"), position: entry.value.position)]
    }

    /// `pull: {exporter: {prometheus: {host: localhost, port: 8888}}}`.
    private func reader(_ node: YAMLNode, path: ConfigPath, _ findings: Findings) -> ListenerConfig<Endpoint>? {
        guard let reader = Section(node, path: path, findings: findings) else {
            return nil
        }
        reader.check([
            KnownName("pull"),
            KnownName("periodic", .noEffectYet("Odometer's own metrics are not pushed")),
        ])
        guard let pull = reader.section("pull") else {
            return nil
        }
        pull.check([KnownName("exporter")])
        guard let exporter = pull.section("exporter") else {
            return nil
        }
        exporter.check([KnownName("prometheus"), KnownName("prometheus/development")])
        let key = exporter.hasKey("prometheus") ? "prometheus" : "prometheus/development"
        guard let prometheus = exporter.section(key) else {
            return nil
        }
        prometheus.check(Self.prometheusKeys)
        return listener(prometheus)
    }

    private func listener(_ prometheus: Section) -> ListenerConfig<Endpoint>? {
        let host = prometheus.text("host") ?? OwnMetricsConfig.defaultListener.host
        let port = prometheus.integer("port", in: 0...65535) ?? OwnMetricsConfig.defaultListener.port
        let isBareIPv6 = host.utf8.contains(UInt8(ascii: ":")) && !host.hasPrefix("[")
        do throws(MalformedEndpoint) {
            let endpoint = try Endpoint(
                parsing: isBareIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)", defaultPort: port)
            return ListenerConfig(config: endpoint, path: prometheus.path, position: prometheus.position)
        } catch {
            let position = prometheus.entry("host")?.value.position ?? prometheus.position
            prometheus.findings.mistake(position, prometheus.path.key("host"), error.message)
            return nil
        }
    }
}
