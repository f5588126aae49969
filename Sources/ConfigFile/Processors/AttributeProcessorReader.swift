internal import Patterns
internal import Settings

/// Reads one `processors.resource` or `processors.attributes`.
struct AttributeProcessorReader {
    private static let actionKeys = [
        KnownName("key"), KnownName("action"), KnownName("value"), KnownName("from_attribute"), KnownName("pattern"),
        KnownName("converted_type"),
        KnownName(
            "from_context",
            .refused(
                "not supported: an export is replayed after a restart, without the headers of its request; "
                    + "write value or from_attribute")),
    ]

    /// Which points are selected: the Collector, too, matches only names of metrics.
    private static let matches = NameMatchReader(
        otherKeys: [
            "services", "resources", "attributes", "libraries", "span_names", "span_kinds", "log_bodies",
            "log_severity_texts", "log_severity_number",
        ].map { KnownName($0, .passive("has no effect on metrics, as in the Collector; use metric_names")) })

    private enum Verb: String, CaseIterable {
        case insert
        case update
        case upsert
        case delete
        case hash
        case extract
        case convert

        /// Its keys besides `key` and `action`.
        var keys: [String] {
            switch self {
            case .insert, .update, .upsert: ["value", "from_attribute", "from_context"]
            case .delete, .hash, .extract: ["pattern"]
            case .convert: ["converted_type"]
            }
        }
    }

    let component: DefinedComponent
    let findings: Findings

    private var isResource: Bool { component.id.type == "resource" }

    /// The key of the list of actions.
    private var listKey: String { isResource ? "attributes" : "actions" }

    /// Nil if it has no usable list, which the findings then say.
    func read() -> AttributeProcessor? {
        let section = component.section(findings)
        section?.check(
            [KnownName(listKey)] + (isResource ? [] : [KnownName("include"), KnownName("exclude")]))
        guard let section, section.entry(listKey) != nil else {
            if section != nil || component.settings.isNull {
                findings.mistake(
                    component.position, component.path,
                    "has no actions; write \(listKey): [{key: environment, value: production, action: upsert}]")
            }
            return nil
        }
        let path = section.path.key(listKey)
        let actions = (section.list(listKey) ?? []).enumerated().flatMap { read($1, path.index($0)) }
        var config = AttributeProcessor(
            name: component.id.description, target: isResource ? .resource : .dataPoints, actions: actions)
        if !isResource {
            let include = Self.matches.read("include", in: section)
            let exclude = Self.matches.read("exclude", in: section).map { TextCondition.not($0) }
            config.metrics = .all([include, exclude].compactMap { $0 })
        }
        return config
    }

    /// One element of the list; none after a mistake.
    private func read(_ node: YAMLNode, _ path: ConfigPath) -> [AttributeProcessor.Action] {
        guard let section = Section(node, path: path, findings: findings) else {
            if node.isNull {
                findings.mistake(node.position, path, "is empty; write {key: NAME, value: VALUE, action: upsert}")
            }
            return []
        }
        section.check(Self.actionKeys)
        guard let verb = verb(in: section) else { return [] }
        for entry in section.entries where !(["key", "action"] + verb.keys).contains(entry.key) {
            guard !entry.value.asksForNothing, Self.actionKeys[entry.key] != nil else { continue }
            findings.mistake(
                entry.keyPosition, path.key(entry.key), "not valid for the action \(verb.rawValue); remove it")
        }
        return actions(verb, in: section)
    }

    private func actions(_ verb: Verb, in section: Section) -> [AttributeProcessor.Action] {
        let key = Array((section.text("key") ?? "").utf8)
        let pattern = section.entry("pattern").flatMap { entry in
            section.text("pattern").flatMap {
                findings.pattern($0, at: entry.value.position, section.path.key("pattern"))
            }
        }
        switch verb {
        case .delete where !key.isEmpty || section.entry("pattern") != nil:
            return [key.isEmpty ? nil : .delete(key: key), pattern.map { .deleteMatching($0) }].compactMap { $0 }
        case .hash where !key.isEmpty || section.entry("pattern") != nil:
            return [key.isEmpty ? nil : .hash(key: key), pattern.map { .hashMatching($0) }].compactMap { $0 }
        case .delete, .hash: break
        case _ where key.isEmpty: break
        case .insert: return source(in: section).map { [.set(key: key, .missing, $0)] } ?? []
        case .update: return source(in: section).map { [.set(key: key, .present, $0)] } ?? []
        case .upsert: return source(in: section).map { [.set(key: key, .always, $0)] } ?? []
        case .extract: return extraction(pattern, in: section).map { [.extract(key: key, $0)] } ?? []
        case .convert:
            guard section.entry("converted_type") != nil else {
                findings.mistake(section.position, section.path, "converted_type is missing; write converted_type: int")
                return []
            }
            return section.choice("converted_type", AttributeProcessor.ValueType.self)
                .map { [.convert(key: key, $0)] } ?? []
        }
        let words = verb == .delete || verb == .hash ? "key: NAME or pattern: REGEXP" : "key: NAME"
        findings.mistake(section.position, section.path, "key is missing; write \(words)")
        return []
    }

    /// The pattern of an `extract`; the name of each group is the key for its text.
    private func extraction(_ pattern: TextPattern?, in section: Section) -> TextPattern? {
        guard let entry = section.entry("pattern") else {
            findings.mistake(
                section.position, section.path, "pattern is missing; write pattern: ^(?P<NAME>.*)$")
            return nil
        }
        guard let pattern else { return nil }
        guard !pattern.groupNames.isEmpty, !pattern.groupNames.contains(nil) else {
            findings.mistake(
                entry.value.position, section.path.key("pattern"),
                "\(quoted(pattern.source)) has \(pattern.groupNames.isEmpty ? "no group" : "a group without a name"); "
                    + "write (?P<NAME>...) for what to extract, and (?:...) for other groups")
            return nil
        }
        return pattern
    }

    private func verb(in section: Section) -> Verb? {
        guard let entry = section.entry("action"), let text = section.text("action") else {
            findings.mistake(section.position, section.path, "action is missing; write action: upsert")
            return nil
        }
        // In any letter case, as in the Collector.
        if let verb = Verb(rawValue: text.lowercased()) {
            return verb
        }
        let words = Section.alternatives(Verb.allCases.map(\.rawValue))
        findings.mistake(
            entry.value.position, section.path.key("action"), "expected \(words), got \(quoted(text))")
        return nil
    }

    /// `value` or `from_attribute`.
    private func source(in section: Section) -> AttributeProcessor.Source? {
        if let entry = section.entry("from_attribute") {
            guard section.entry("value") == nil else {
                findings.mistake(
                    entry.keyPosition, section.path, "has both value and from_attribute; write only one of them")
                return nil
            }
            return section.text("from_attribute").map { .attribute(Array($0.utf8)) }
        }
        guard let entry = section.entry("value") else {
            // It was already reported.
            guard section.entry("from_context") == nil else { return nil }
            findings.mistake(section.position, section.path, "value is missing; write value: TEXT")
            return nil
        }
        guard case .scalar(let text, let style) = entry.value.content else {
            findings.mistake(
                entry.value.position, section.path.key("value"),
                "expected text, a number, true or false, got \(entry.value.kind)")
            return nil
        }
        guard case .plain = style else {
            return .text(Array(text.utf8))
        }
        if let flag = YAMLScalars.flag(text) {
            return .flag(flag)
        }
        if let integer = YAMLScalars.integer(text) {
            return .integer(Int64(integer))
        }
        return YAMLScalars.isTyped(text) ? Double(text).map { .number($0) } : .text(Array(text.utf8))
    }
}
