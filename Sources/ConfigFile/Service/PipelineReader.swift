/// The names of the defined components that pipelines may refer to.
struct ComponentNames {
    var receivers: Set<ComponentID> = []
    var processors: Set<ComponentID> = []
    var exporters: Set<ComponentID> = []
    var extensions: Set<ComponentID> = []
    /// Names that may stand for both an exporter and a receiver.
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

    /// The content of `service.extensions`; each must be defined.
    func extensions(_ service: Section) -> [ComponentID] {
        guard let entry = service.entry("extensions"), service.list("extensions") != nil else {
            return []
        }
        return references(
            entry, service.path.key("extensions"), .extensions, among: names.extensions)
    }

    private func pipeline(_ signal: PipelineSignal, _ entry: YAMLEntry, _ path: ConfigPath) -> Pipeline? {
        guard !entry.value.isNull else {
            findings.mistake(
                entry.keyPosition, path,
                "is empty; write receivers: [otlp] and exporters: \(Self.exporters(for: signal))")
            return nil
        }
        guard let section = Section(entry.value, path: path, findings: findings) else {
            return nil
        }
        section.check([KnownName("receivers"), KnownName("processors"), KnownName("exporters")])
        let receivers = components(section, .receivers, among: names.receivers, example: "[otlp]")
        let processors = components(section, .processors, among: names.processors, example: nil)
        let exporters = components(
            section, .exporters, among: names.exporters, example: Self.exporters(for: signal))
        if signal != .metrics { checkExporters(of: signal, in: section) }
        return Pipeline(
            signal: signal, path: path, position: entry.keyPosition, receivers: receivers, processors: processors,
            exporters: exporters)
    }

    /// The suggestion for a pipeline of a signal without an exporter.
    private static func exporters(for signal: PipelineSignal) -> String {
        signal == .metrics
            ? "[prometheus]" : "[nop] to discard \(signal.rawValue), or one that forwards them, such as [otlphttp]"
    }

    /// Reports pages among the exporters of a pipeline of another signal.
    private func checkExporters(of signal: PipelineSignal, in section: Section) {
        guard case .sequence(let elements)? = section.entry("exporters")?.value.content else {
            return
        }
        let isPage = elements.map { $0.text.flatMap(ComponentID.init)?.isPrometheus ?? false }
        let advice =
            isPage.allSatisfy { $0 } ? "write \(Self.exporters(for: signal))" : "remove it from this pipeline"
        for (index, element) in elements.enumerated() where isPage[index] {
            findings.mistake(
                element.position, section.path.key("exporters").index(index),
                "the prometheus exporter supports metrics only, not \(signal.rawValue); \(advice)")
        }
    }

    /// - Parameter example: the suggestion for an empty list; nil: it may be empty.
    private func components(
        _ section: Section, _ category: ComponentCategory, among defined: Set<ComponentID>, example: String?
    ) -> [ComponentID] {
        guard let entry = section.entry(category.key), let elements = section.list(category.key) else {
            if let example, section.entry(category.key) == nil {
                findings.mistake(
                    section.position, section.path,
                    "has no \(category.singular); write \(category.key): \(example)")
            }
            return []
        }
        if let example, elements.isEmpty {
            findings.mistake(
                entry.value.position, section.path.key(category.key),
                "has no \(category.singular); write \(example)")
        }
        return references(entry, section.path.key(category.key), category, among: defined)
    }

    /// The names in a list; undefined ones are mistakes and left out.
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
                    "expected the name of \(category.article), TYPE or TYPE/NAME, got \(element.kind)")
                continue
            }
            if names.connectors.contains(id) {
                continue
            }
            guard defined.contains(id) else {
                findings.mistake(
                    element.position, path.index(index),
                    "the \(category.singular) \(quoted(text)) is not defined; \(advice(on: id, category, defined))")
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
        if category.types[id.type] == nil, let home = category.home(of: id.type) {
            let place = home.key == ComponentCategory.extensions.key ? "in service.extensions" : "under its \(home.key)"
            return "it is \(home.article); list it \(place)"
        }
        let known = defined.map(\.description).sorted()
        return known.isEmpty ? "define it under \(category.key)" : suggestion(for: id.description, in: known)
    }
}

extension ComponentID {
    /// Whether it is an exporter that forwards.
    var isForwarding: Bool {
        ["otlphttp", "otlp_http", "otlp", "otlp_grpc", "file"].contains(type)
    }

    var isPrometheus: Bool {
        type == "prometheus"
    }
}
