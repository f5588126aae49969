/// The components a configuration defines, by name, as far as pipelines refer to them.
struct ComponentNames {
    var receivers: Set<ComponentID> = []
    var processors: Set<ComponentID> = []
    var exporters: Set<ComponentID> = []
    var extensions: Set<ComponentID> = []
    /// Names that are both ends of pipelines.
    var connectors: Set<ComponentID> = []
}

/// One `service.pipelines.SIGNAL`, its names resolved.
struct Pipeline {
    let signal: PipelineSignal
    let path: ConfigPath
    let position: SourcePosition
    let receivers: [ComponentID]
    let processors: [ComponentID]
    let exporters: [ComponentID]
}

/// Reads `service.pipelines` and `service.extensions`.
struct PipelineReader {
    private static let signals = PipelineSignal.allCases.map { KnownName($0.rawValue) } + [KnownName("profiles")]

    let names: ComponentNames
    let findings: Findings

    func read(_ pipelines: Section) -> [Pipeline] {
        pipelines.entries.compactMap { entry in
            let path = pipelines.path.key(entry.key)
            guard let id = ComponentID(entry.key), Self.signals[id.type] != nil else {
                let type = ComponentID(entry.key)?.type ?? entry.key
                findings.mistake(
                    entry.keyPosition, path, "unknown signal; \(suggestion(for: type, in: Self.signals.map(\.name)))")
                return nil
            }
            guard let signal = PipelineSignal(rawValue: id.type) else {
                findings.mistake(entry.keyPosition, path, "\(id.type) are not supported; remove the pipeline")
                return nil
            }
            return pipeline(signal, entry, path)
        }
    }

    /// What `service.extensions` names; each must be defined.
    func extensions(_ service: Section) -> [ComponentID] {
        guard let entry = service.entry("extensions"), service.list("extensions") != nil else {
            return []
        }
        return references(
            entry, service.path.key("extensions"), .extensions, among: names.extensions)
    }

    private func pipeline(_ signal: PipelineSignal, _ entry: YAMLEntry, _ path: ConfigPath) -> Pipeline? {
        guard !entry.value.isNull else {
            findings.mistake(entry.keyPosition, path, "is empty; write receivers: [otlp] and exporters: [prometheus]")
            return nil
        }
        guard let section = Section(entry.value, path: path, findings: findings) else {
            return nil
        }
        section.check([KnownName("receivers"), KnownName("processors"), KnownName("exporters")])
        let receivers = components(section, .receivers, among: names.receivers, required: true)
        let processors = components(section, .processors, among: names.processors, required: false)
        let exporters = components(section, .exporters, among: names.exporters, required: true)
        if signal != .metrics, case .sequence(let elements)? = section.entry("exporters")?.value.content {
            for (index, element) in elements.enumerated()
            where element.text.flatMap(ComponentID.init)?.isPrometheus ?? false {
                findings.mistake(
                    element.position, path.key("exporters").index(index),
                    "the prometheus exporter takes metrics only, not \(signal.rawValue); "
                        + "remove it from this pipeline")
            }
        }
        return Pipeline(
            signal: signal, path: path, position: entry.keyPosition, receivers: receivers, processors: processors,
            exporters: exporters)
    }

    private func components(
        _ section: Section, _ category: ComponentCategory, among defined: Set<ComponentID>, required: Bool
    ) -> [ComponentID] {
        guard let entry = section.entry(category.key), let elements = section.list(category.key) else {
            if required, section.entry(category.key) == nil {
                findings.mistake(
                    section.position, section.path,
                    "names no \(category.singular); write \(category.key): [\(category.types[0].name)]")
            }
            return []
        }
        if required, elements.isEmpty {
            findings.mistake(
                entry.value.position, section.path.key(category.key),
                "names no \(category.singular); write [\(category.types[0].name)]")
        }
        return references(entry, section.path.key(category.key), category, among: defined)
    }

    /// The names in a list, without those that nothing is defined for, which are mistakes.
    private func references(
        _ entry: YAMLEntry, _ path: ConfigPath, _ category: ComponentCategory, among defined: Set<ComponentID>
    ) -> [ComponentID] {
        guard case .sequence(let elements) = entry.value.content else {
            return []
        }
        var result: [ComponentID] = []
        var seen: Set<ComponentID> = []
        for (index, element) in elements.enumerated() {
            guard let text = element.text, let id = ComponentID(text) else {
                findings.mistake(
                    element.position, path.index(index),
                    "\(element.kind) is no name of \(category.article); write TYPE or TYPE/NAME")
                continue
            }
            if names.connectors.contains(id) {
                continue
            }
            guard defined.contains(id) else {
                findings.mistake(
                    element.position, path.index(index),
                    "no \(category.singular) \(quoted(text)) is defined; \(advice(on: id, category, defined))")
                continue
            }
            if seen.insert(id).inserted {
                result.append(id)
            }
        }
        return result
    }

    private func advice(
        on id: ComponentID, _ category: ComponentCategory, _ defined: Set<ComponentID>
    ) -> String {
        let known = defined.map(\.description).sorted()
        return known.isEmpty ? "define it under \(category.key)" : suggestion(for: id.description, in: known)
    }
}

extension ComponentID {
    /// Whether it is an exporter that passes telemetry on.
    var isForwarding: Bool {
        ["otlphttp", "otlp_http", "otlp", "otlp_grpc", "file"].contains(type)
    }

    var isPrometheus: Bool {
        type == "prometheus"
    }
}
