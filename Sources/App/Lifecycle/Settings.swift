internal import Bytes
internal import ConfigFile
internal import Credentials
internal import Events
internal import Exposition
internal import OTLP
internal import Patterns
internal import Pipeline
internal import Series
internal import Server
internal import Settings

// Converts what users write (`…Config`) to what the stages take (`…Settings`, `…Limits`).

extension SeriesStore {
    /// The store of one Prometheus exporter.
    /// - Parameter createdAt: see `SeriesSettings.createdAt`.
    init(_ exporter: PrometheusConfig, of config: AppConfig, createdAt: UnixNanoseconds) {
        let translation = PrometheusTranslation(settings: TranslationSettings(exporter, of: config))
        var generator = SystemRandomNumberGenerator()
        self.init(
            settings: SeriesSettings(exporter, of: config, createdAt: createdAt), translation: translation,
            decodingLimits: config.limits.decoding, using: &generator)
    }
}

extension TranslationSettings {
    init(_ exporter: PrometheusConfig, of config: AppConfig) {
        let naming = exporter.naming
        self.init(labels: config.limits.labels)
        processors = exporter.processors
        if config.events.isEnabled { eventLabels = EventLabels(EventSettings(config.events).rules) }
        droppedMetrics = exporter.droppedMetrics
        labelPolicy = LabelPolicy(exporter.labels)
        namespace = Array(naming.namespace.utf8)
        addsSuffixes = naming.strategy.addsSuffixes
        keepsUTF8 = naming.strategy.keepsUTF8
        constantLabels = ConstantLabels(naming.constantLabels, keepsUTF8: keepsUTF8)
        showsScope = !naming.withoutScopeInfo
        resourceAttributes = naming.resourceAttributes
        targetInfo = exporter.common.targetInfo
    }
}

extension EventLabels {
    init(_ rules: [EventRule]) {
        self.init()
        func add(_ source: Source, to label: String, of metric: String) {
            self.add(source, to: Array(label.utf8), of: Array(metric.utf8))
        }
        for rule in rules {
            for label in rule.labels {
                switch label.source {
                case .attribute(let key): add(.attribute(Array(key.utf8)), to: label.name, of: rule.metric)
                case .event: add(.attribute(Array("event.name".utf8)), to: label.name, of: rule.metric)
                case .querySource: add(.attribute(Array("query_source".utf8)), to: label.name, of: rule.metric)
                case .service: add(.service, to: label.name, of: rule.metric)
                // Their values include their source.
                case .user: break
                // It comes from the rule, not from an attribute.
                case .constant: add(.attribute(Array(label.name.utf8)), to: label.name, of: rule.metric)
                }
            }
        }
        for metric in [SessionOwner.activeMetric, SessionOwner.lastSeenMetric] {
            add(.service, to: SessionOwner.serviceLabel, of: metric)
        }
    }
}

extension LabelPolicy {
    init(_ config: LabelsConfig) {
        self.init()
        rules = config.rules
        userAttributes = config.user.map { Array($0.utf8) }
        hash = LabelHash(key: Array((config.salt ?? "").utf8))
    }
}

extension SeriesSettings {
    /// OpenTelemetry's SDKs and Claude Code export every 60 s; a quarter more, since exports may be late.
    private static let settlingSeconds: UInt64 = 75

    init(_ exporter: PrometheusConfig, of config: AppConfig, createdAt: UnixNanoseconds) {
        let limits = config.limits
        self.init(state: limits.state, labels: limits.labels, retention: limits.retention)
        stateLimits.maxStateMemory /= max(1, config.prometheus.count)
        expiration = exporter.expiration
        writerRules = WriterRules(config.writers)
        reservedPrefix = config.telemetry.ownMetrics.onExporters ? OwnMetricsFamilies.prefix : nil
        writesCreated = exporter.common.createdTimestamps
        firstSampleZero = exporter.common.firstSampleZero
        settlingTime = exporter.common.firstSampleZero ? Self.settlingSeconds * 1_000_000_000 : 0
        self.createdAt = createdAt
        targetlessScope = Array(EventSettings.scopeName.utf8)
        tracksExposedTimes = exporter.sendTimestamps
        signsOfLife =
            config.events.isEnabled
            ? SessionGauges.signs(userAttributes: EventSettings(config).userAttributes) : nil
    }
}

extension EventMetrics {
    /// Nil: they are turned off.
    convenience init?(_ config: AppConfig, _ settings: EventSettings) {
        guard config.events.isEnabled else { return nil }
        self.init(settings, limits: config.limits.decoding)
    }
}

extension EventSettings {
    /// - Parameter identityKey: the key for identities of events; nil: none is needed.
    init(_ config: AppConfig, identityKey: [UInt8]? = nil) {
        self.init(config.events, derivedBytesLimit: config.limits.decoding.maxDecodingMemory)
        keepsResource = config.prometheus.contains { $0.naming.resourceAttributes != .none }
        keepsAllUserAttributes = config.prometheus.contains { !$0.processors.isEmpty }
        if let identityKey {
            let mac = HMACSHA256(key: identityKey)
            identityCode = { hash in
                // Labels are hashed with the same key: no label text begins like this.
                let message = [0xFF] + withUnsafeBytes(of: hash.littleEndian) { Array($0) }
                return mac.code(of: message[...]).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            }
        }
        // The same as on the metrics: those of the list, or else those that are shown.
        let policy = LabelPolicy(config.labels)
        if config.labels.user.isEmpty {
            userAttributes.removeAll { policy.action(ofUser: Array("user".utf8)[...], from: Array($0.utf8)) == .drop }
        } else {
            userAttributes = config.labels.user
        }
    }
}

extension ExpositionSettings {
    init(_ exporter: PrometheusConfig) {
        self.init(
            timestamps: exporter.sendTimestamps, createdTimestamps: exporter.common.createdTimestamps,
            hasQuotedLabelNames: exporter.naming.strategy.keepsUTF8)
    }
}

extension ListenerSettings {
    init(
        _ name: String, at endpoint: Endpoint, limits: ServerLimits, bodies: BodyBudget = BodyBudget(),
        turns: LoopTurns = LoopTurns(), tls: TLSContextSource? = nil, observer: (any ListenerObserver)?
    ) {
        self.init(
            name: name, host: endpoint.host, port: endpoint.port, limits: limits, bodies: bodies, turns: turns,
            tls: tls,
            observer: observer)
    }
}
