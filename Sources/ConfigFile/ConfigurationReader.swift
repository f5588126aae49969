internal import Settings

/// Converts a configuration's node tree into a `AppConfig`.
///
/// Reads everything before it fails, so that all mistakes are reported at once.
struct ConfigurationReader {
    private static let topLevelKeys = [
        KnownName("receivers"), KnownName("processors"), KnownName("exporters"), KnownName("connectors"),
        KnownName("extensions"), KnownName("service"), KnownName("odometer"),
        KnownName("pipelines", .refused("belongs under service; write service: {pipelines: ...}")),
        KnownName("telemetry", .refused("belongs under service; write service: {telemetry: ...}")),
    ]

    private static let serviceKeys = [KnownName("extensions"), KnownName("pipelines"), KnownName("telemetry")]

    let findings: Findings

    /// The result is valid only if there are no mistakes in the findings afterwards.
    func read(_ node: YAMLNode) -> AppConfig {
        guard let root = Section(node, path: .root, findings: findings), !root.entries.isEmpty else {
            if node.asksForNothing {
                findings.mistake(node.position, .root, "the configuration is empty; leave --config out for the default")
            }
            return .embeddedDefault
        }
        root.check(Self.topLevelKeys)
        let block = root.section("odometer").map(OdometerBlockReader.init)
        var config = root.entries.contains { $0.key != "odometer" } ? readAll(root, block) : defaultWith(block)
        config.limits = block?.limits() ?? config.limits
        config.writers = block?.writers() ?? config.writers
        config.state = block?.state() ?? config.state
        config.log = block?.log() ?? config.log
        config.events = block?.events() ?? config.events
        config.forwarding = block?.forward() ?? config.forwarding
        if let labels = block?.labels() { config.setLabels(labels) }
        config.telemetry.ownMetrics.onExporters =
            block?.ownMetricsOnExporters() ?? config.telemetry.ownMetrics.onExporters
        config.notes += findings.notes
        return config
    }

    /// A file with only `odometer:` changes the embedded default.
    private func defaultWith(_ block: OdometerBlockReader?) -> AppConfig {
        var config = AppConfig.embeddedDefault
        guard let block else { return config }
        let (expiration, common) = (block.expiration(), block.exporterSettings())
        for index in config.prometheus.indices {
            config.prometheus[index].expiration = expiration
            config.prometheus[index].common = common
        }
        return config
    }

    private func readAll(_ root: Section, _ block: OdometerBlockReader?) -> AppConfig {
        let receivers = DefinedComponent.read(.receivers, in: root)
        let exporters = DefinedComponent.read(.exporters, in: root)
        let processors = DefinedComponent.read(.processors, in: root)
        let extensions = DefinedComponent.read(.extensions, in: root)
        let names = ComponentNames(
            receivers: Set(receivers.map(\.id)), processors: Set(processors.map(\.id)),
            exporters: Set(exporters.map(\.id)), extensions: Set(extensions.map(\.id)),
            connectors: Set(DefinedComponent.read(.connectors, in: root).map(\.id)))
        let otlp = receivers.filter { $0.id.type == "otlp" }.map {
            OTLPReceiverReader(component: $0, findings: findings).read()
        }
        let expiration = block?.expiration() ?? MetricExpiration()
        let common = block?.exporterSettings() ?? CommonExporterSettings()
        let prometheus = exporters.filter(\.id.isPrometheus).compactMap {
            PrometheusExporterReader(
                component: $0, defaultExpiration: expiration, common: common, findings: findings
            ).read()
        }
        let parts = OtherComponents(
            processors: processors, exporters: exporters, extensions: extensions, findings: findings)
        let service = root.section("service")
        service?.check(Self.serviceKeys)
        let telemetry = TelemetryReader(section: service?.section("telemetry")).read()
        let (pipelines, usedExtensions) = readPipelines(service, root, names)
        let authenticators = Authenticators(extensions, used: usedExtensions, findings: findings)
        let routes = PipelineRoutes(pipelines, findings: findings)
        let usedHTTP = routes.used(otlp.compactMap(\.http), name: \.name)
        let usedGRPC = routes.used(otlp.compactMap(\.grpc), name: \.name)
        let usedPrometheus = routes.used(prometheus, name: \.name)
        let healthChecks = parts.healthChecks(named: usedExtensions)
        checkClashes(
            usedHTTP.map { $0.address(\.endpoint) } + usedGRPC.map { $0.address(\.endpoint) }
                + usedPrometheus.map { $0.address(\.endpoint) } + telemetry.listeners
                + healthChecks.map { $0.address(\.endpoint) })
        for auth in usedHTTP.map(\.config.auth) + usedGRPC.map(\.config.auth) + usedPrometheus.map(\.config.auth)
            + healthChecks.map(\.config.auth)
        {
            authenticators.checkServer(auth)
        }
        var config = AppConfig(
            otlpHTTP: usedHTTP.map { routes.routed($0.config) }, otlpGRPC: usedGRPC.map { routes.routed($0.config) },
            prometheus: usedPrometheus.map(\.config), telemetry: telemetry.config)
        for index in config.prometheus.indices {
            config.prometheus[index].processors = routes.processors(
                before: config.prometheus[index].name, among: parts.attributeProcessors, findings: findings)
            config.prometheus[index].droppedMetrics = routes.droppedMetrics(
                before: config.prometheus[index].name, by: parts.filters, findings: findings)
        }
        config.healthChecks = healthChecks.map(\.config)
        config.authenticators = authenticators.running
        config.memoryLimiters = parts.memoryLimiters.filter { routes.uses($0.name) }
        config.debug = parts.debug(routes)
        config.forward = parts.forward(routes, findings)
        config.logProcessors = routes.logProcessors(among: parts.attributeProcessors, findings: findings)
        for exporter in config.forward { authenticators.checkClient(exporter.client?.auth) }
        return config
    }

    private func readPipelines(
        _ service: Section?, _ root: Section, _ names: ComponentNames
    ) -> (pipelines: [Pipeline], extensions: [ComponentID]) {
        let advice = "write pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}"
        guard let service else {
            if root.entry("service") == nil {
                findings.mistake(root.position, .root, "service is missing, so nothing would run; under it \(advice)")
            }
            return ([], [])
        }
        let reader = PipelineReader(names: names, findings: findings)
        let extensions = reader.extensions(service)
        guard let section = service.section("pipelines") else {
            if service.entry("pipelines") == nil {
                findings.mistake(
                    service.position, service.path, "pipelines is missing, so nothing would run; \(advice)")
            }
            return ([], extensions)
        }
        let pipelines = reader.read(section)
        let doesAnything = pipelines.contains { pipeline in
            pipeline.exporters.contains { ($0.isPrometheus && pipeline.signal == .metrics) || $0.isForwarding }
                && pipeline.receivers.contains { $0.type == "otlp" }
        }
        if !doesAnything, !findings.hasMistakes {
            findings.mistake(
                section.position, section.path,
                "no metrics pipeline connects an otlp receiver to a prometheus exporter; "
                    + "write metrics: {receivers: [otlp], exporters: [prometheus]}")
        }
        return (pipelines, extensions)
    }

    /// Two listeners on one port would fail at the start, with a message that names neither setting.
    private func checkClashes(_ listeners: [ListenerConfig<Endpoint>]) {
        for (index, listener) in listeners.enumerated() {
            guard let other = listeners[..<index].first(where: { $0.config.clashes(with: listener.config) }) else {
                continue
            }
            // A default has no position in a file; then the message is at the other one.
            let (told, named) = listener.position == nil ? (other, listener) : (listener, other)
            let line = named.position.map { " on line \($0.line)" } ?? " by default"
            findings.mistake(
                told.position, told.path,
                "\(told.config) is already used by \(named.path) (\(named.config)\(line)); choose another port")
        }
    }
}

extension ListenerConfig {
    fileprivate func address(_ endpoint: KeyPath<Config, Endpoint>) -> ListenerConfig<Endpoint> {
        ListenerConfig<Endpoint>(config: config[keyPath: endpoint], path: path, position: position)
    }
}
