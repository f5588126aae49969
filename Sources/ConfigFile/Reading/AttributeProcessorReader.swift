/// Reads one `processors.resource` or `processors.attributes`.
struct AttributeProcessorReader {
    private static let actionKeys = [
        KnownName("key"), KnownName("action"), KnownName("value"), KnownName("from_attribute"),
        KnownName("from_context", .notSupportedYet()), KnownName("pattern", .notSupportedYet()),
        KnownName("converted_type", .notSupportedYet()),
    ]

    private enum Verb: String, CaseIterable {
        case insert
        case update
        case upsert
        case delete
        case hash
    }

    /// Verbs of the Collector that are not among ours yet.
    private static let otherVerbs = ["extract", "convert"]

    let component: DefinedComponent
    let findings: Findings

    private var isResource: Bool { component.id.type == "resource" }

    /// The key of the list of actions.
    private var listKey: String { isResource ? "attributes" : "actions" }

    /// Nil if it has no usable list, which the findings then say.
    func read() -> AttributeProcessorConfig? {
        let section = component.section(findings)
        section?.check(
            [KnownName(listKey)]
                + (isResource ? [] : ["include", "exclude"].map { KnownName($0, .notSupportedYet()) }))
        guard let section, section.entry(listKey) != nil else {
            if section != nil || component.settings.isNull {
                findings.mistake(
                    component.position, component.path,
                    "has no actions; write \(listKey): [{key: environment, value: production, action: upsert}]")
            }
            return nil
        }
        let path = section.path.key(listKey)
        let actions = (section.list(listKey) ?? []).enumerated().compactMap { action($1, path.index($0)) }
        return AttributeProcessorConfig(
            name: component.id.description, target: isResource ? .resource : .dataPoints, actions: actions)
    }

    private func action(_ node: YAMLNode, _ path: ConfigPath) -> AttributeProcessorConfig.Action? {
        guard let section = Section(node, path: path, findings: findings) else {
            if node.isNull {
                findings.mistake(node.position, path, "is empty; write {key: NAME, value: VALUE, action: upsert}")
            }
            return nil
        }
        section.check(Self.actionKeys)
        let verb = verb(in: section)
        guard let key = section.text("key"), !key.isEmpty else {
            findings.mistake(section.position, path, "key is missing; write key: NAME")
            return nil
        }
        switch verb {
        case nil: return nil
        case .delete: return .delete(key: key)
        case .hash: return .hash(key: key)
        case .insert: return source(in: section).map { .set(key: key, .missing, $0) }
        case .update: return source(in: section).map { .set(key: key, .present, $0) }
        case .upsert: return source(in: section).map { .set(key: key, .always, $0) }
        }
    }

    private func verb(in section: Section) -> Verb? {
        guard let entry = section.entry("action"), let text = section.text("action") else {
            findings.mistake(section.position, section.path, "action is missing; write action: upsert")
            return nil
        }
        // In any letter case, as the Collector takes it.
        if let verb = Verb(rawValue: text.lowercased()) {
            return verb
        }
        let words = Section.alternatives(Verb.allCases.map(\.rawValue))
        let problem = Self.otherVerbs.contains(text.lowercased()) ? "is not supported yet" : "is no action"
        findings.mistake(
            entry.value.position, section.path.key("action"), "\(quoted(text)) \(problem); write \(words)")
        return nil
    }

    /// `value` or `from_attribute`.
    private func source(in section: Section) -> AttributeProcessorConfig.Source? {
        if let entry = section.entry("from_attribute") {
            guard section.entry("value") == nil else {
                findings.mistake(
                    entry.keyPosition, section.path, "has both value and from_attribute; write one of them")
                return nil
            }
            return section.text("from_attribute").map { .attribute($0) }
        }
        guard let entry = section.entry("value") else {
            findings.mistake(section.position, section.path, "value is missing; write value: TEXT")
            return nil
        }
        guard case .scalar(let text, let style) = entry.value.content else {
            findings.mistake(
                entry.value.position, section.path.key("value"),
                "\(entry.value.kind) where text, a number or a truth value belongs")
            return nil
        }
        guard case .plain = style else {
            return .text(text)
        }
        if let flag = YAMLScalars.flag(text) {
            return .flag(flag)
        }
        if let integer = YAMLScalars.integer(text) {
            return .integer(integer)
        }
        return YAMLScalars.isTyped(text) ? Double(text).map { .number($0) } : .text(text)
    }
}
