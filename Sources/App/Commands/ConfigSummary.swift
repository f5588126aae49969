internal import ConfigFile
internal import Patterns
internal import Platform
internal import Settings

/// Describes a configuration in lines for `odometer validate`.
enum ConfigSummary {
    static func lines(of config: AppConfig) -> [String] {
        var lines = ["The configuration is valid."]
        lines += receiverLines(of: config)
        lines += pageLines(of: config)
        lines += EventSummary.lines(of: config)
        lines += labelLines(of: config.labels)
        lines += config.forward.flatMap(lines(of:))
        for listener in config.telemetry.ownMetrics.listeners {
            lines.append("exposes    \(listener)/metrics  own metrics")
        }
        for check in config.healthChecks {
            lines.append("exposes    \(check.endpoint)\(check.path)  \(check.name): readiness")
            lines += protection(check.tls, check.auth)
        }
        for limiter in config.memoryLimiters {
            let bytes = limiter.softLimit(ofTotal: SystemMemory.totalBytes)
            lines.append("refuses    exports above \(bytes >> 20) MiB of resident memory (\(limiter.name))")
        }
        for exporter in config.debug {
            lines.append("prints     a line for each export, \(exporter.verbosity.rawValue)  \(exporter.name)")
        }
        lines.append(
            "logs       \(config.telemetry.logLevel.rawValue) and above, \(config.telemetry.logEncoding.rawValue)")
        lines.append(
            "holds      at most \(config.limits.state.maxSeries) series, \(config.limits.state.maxWriters) writers")
        let path = config.state.path
        lines.append("state      \(path.isEmpty ? "in memory only; totals restart at zero" : "in \(path)")")
        lines += config.notes.lines.map { "note       \($0)" }
        return lines
    }

    private static func receiverLines(of config: AppConfig) -> [String] {
        var lines: [String] = []
        for receiver in config.otlpHTTP {
            lines.append("receives   \(receiver.endpoint)  \(receiver.name) (OTLP over HTTP)")
            lines += protection(receiver.tls, receiver.auth)
            lines.append("           \(receiver.settings.metricsURLPath): metrics \(fate(of: receiver.metrics))")
            lines.append(
                "           \(receiver.settings.logsURLPath): logs \(fate(of: receiver.logs, counts: config.events.isEnabled))"
            )
            lines.append("           \(receiver.settings.tracesURLPath): traces \(fate(of: receiver.traces))")
        }
        for receiver in config.otlpGRPC {
            lines.append("receives   \(receiver.endpoint)  \(receiver.name) (OTLP over gRPC)")
            lines += protection(receiver.tls, receiver.auth)
            lines.append("           metrics \(fate(of: receiver.metrics, absent: unimplemented))")
            lines.append(
                "           logs \(fate(of: receiver.logs, absent: unimplemented, counts: config.events.isEnabled))")
            lines.append("           traces \(fate(of: receiver.traces, absent: unimplemented))")
        }
        return lines
    }

    private static func pageLines(of config: AppConfig) -> [String] {
        var lines: [String] = []
        for exporter in config.prometheus {
            let own = config.telemetry.ownMetrics.onExporters ? " and own metrics" : ""
            lines.append("exposes    \(exporter.endpoint)/metrics  \(exporter.name)\(own)")
            lines += protection(exporter.tls, exporter.auth)
            lines.append("           counters \(lifetime(exporter.expiration.counters))")
            lines.append("           gauges \(lifetime(exporter.expiration.gauges))")
            if exporter.droppedMetrics != .any([]) {
                lines.append("           a filter drops metrics by name")
            }
            if !exporter.processors.isEmpty {
                let names = exporter.processors.map(\.name).joined(separator: ", ")
                lines.append("           attributes are changed by \(names)")
            }
        }
        return lines
    }

    /// The rules of `odometer.labels`, in order of precedence.
    private static func labelLines(of labels: LabelsConfig) -> [String] {
        var lines = labels.rules.map { "\($0.label): \(fate(of: $0.action))" }
        if !labels.user.isEmpty { lines.append("user: the first of \(labels.user.joined(separator: ", "))") }
        if labels.hashes {
            lines.append(
                "hashes use \(labels.salt == nil ? "a secret in the state directory" : "the configured salt")")
        }
        return lines.enumerated().map { "\($0 == 0 ? "labels     " : "           ")\($1)" }
    }

    private static func fate(of action: LabelAction) -> String {
        switch action {
        case .keep: "shown"
        case .drop: "left out"
        case .hash: "shown as a hash"
        }
    }

    /// What an exporter forwards, its destination, and the processors.
    private static func lines(of exporter: ForwardConfig) -> [String] {
        var lines: [String] = []
        for input in exporter.inputs {
            let target =
                switch exporter.target {
                case .http(let config): config.urls[input.signal].map { "\($0)" } ?? ""
                case .grpc(let config): "\(config.url.authority) (gRPC)"
                case .file(let config): config.path
                }
            let changes =
                input.processors.isEmpty ? "" : " through \(input.processors.map(\.name).joined(separator: ", "))"
            lines.append(
                "forwards   \(input.signal.rawValue) of \(input.receiver)\(changes) to \(target)  \(exporter.name)")
        }
        let limit = exporter.queue.maxRequests.map { "\($0) exports and " } ?? ""
        let items = exporter.queue.maxItems.map { "\($0) records and " } ?? ""
        lines.append("           queue of at most \(limit)\(items)\(exporter.queue.maxBytes >> 20) MiB")
        return lines
    }

    /// What a client of a listener needs (TLS, credentials); empty if nothing.
    private static func protection(_ tls: TLSConfig?, _ auth: AuthConfig?) -> [String] {
        var needs: [String] = []
        if let tls { needs.append(tls.trusted == nil ? "TLS" : "TLS and a client certificate") }
        if let auth { needs.append("the credentials of \(auth.authenticator)") }
        return needs.isEmpty ? [] : ["           requires \(needs.joined(separator: " and "))"]
    }

    private static let unimplemented = "UNIMPLEMENTED"

    /// - Parameter counts: whether metrics are made of the signal.
    private static func fate(of route: SignalRoute, absent: String = "404", counts: Bool = false) -> String {
        switch route {
        case .absent: "are refused with \(absent): no pipeline accepts them"
        case .discarded: "are accepted and discarded" + (counts ? ", after their events are counted" : "")
        case .exported(let exporters): "go to \(exporters.joined(separator: ", "))"
        }
    }

    private static func lifetime(_ expiration: UInt64?) -> String {
        guard let expiration else {
            return "never expire"
        }
        return
            "expire \(Duration(nanoseconds: expiration).configText) after their last data point"
    }
}
