internal import Settings

/// Reads `odometer.labels`.
struct LabelsReader {
    private static let keys = ["preset", "keep", "drop", "hash", "user", "salt"].map { KnownName($0) }
    /// Rules of the configuration. 1000.
    private static let ruleLimit = 1000
    /// Minimum length of a salt, in characters. 16: a shorter one can be guessed.
    private static let saltLength = 16
    /// Labels that formats add to the lines of one series; they belong to its value.
    private static let lineLabels = ["le", "quantile"]

    let section: Section

    func read() -> LabelsConfig {
        var labels = LabelsConfig()
        section.check(Self.keys)
        labels.presets = presets()
        for action in LabelAction.allCases { add(action, to: &labels.given) }
        if labels.given.count > Self.ruleLimit {
            section.findings.mistake(
                section.position, section.path, "more than \(Self.ruleLimit) labels; write patterns with *")
        }
        labels.givenUser = user()
        if let salt = section.text("salt") {
            if salt.count >= Self.saltLength {
                labels.salt = salt
            } else {
                mistake("salt", "is too short for a secret; write \(Self.saltLength) characters or more")
            }
        }
        return labels
    }

    /// One name, or a list of them.
    private func presets() -> [LabelPreset] {
        guard let entry = section.entry("preset") else { return [] }
        guard case .sequence = entry.value.content else {
            return section.choice("preset", LabelPreset.self).map { [$0] } ?? []
        }
        let words = LabelPreset.allCases.map(\.rawValue)
        return texts("preset", "preset: [\(words.joined(separator: ", "))]").compactMap { text, position, path in
            if let preset = LabelPreset(rawValue: text) { return preset }
            section.findings.mistake(
                position, path, "expected \(Section.alternatives(words)), got \(quoted(text))")
            return nil
        }
    }

    private func add(_ action: LabelAction, to rules: inout [LabelRule]) {
        for (text, position, path) in texts(action.rawValue, "\(action.rawValue): [LABEL]") {
            if Self.lineLabels.contains(text) {
                section.findings.mistake(position, path, "\(text) is part of the value, not a label; remove it")
            } else if let other = rules.first(where: { $0.label == text }) {
                section.findings.mistake(
                    position, path, "\(quoted(text)) is under \(other.action.rawValue) already; remove one of them")
            } else {
                rules.append(LabelRule(label: text, action: action))
            }
        }
    }

    /// `true`, `false`, or attributes.
    private func user() -> [String]? {
        guard let entry = section.entry("user") else { return nil }
        guard case .sequence = entry.value.content else {
            if case .scalar(let text, .plain) = entry.value.content, let flag = YAMLScalars.flag(text) {
                return flag ? UserAttributes.all : []
            }
            mistake("user", "expected true, false or a list such as [user.email], got \(entry.value.kind)")
            return nil
        }
        return texts("user", "user: [ATTRIBUTE]").compactMap { text, position, path in
            guard let attribute = UserAttributes.all.first(where: { Self.label(of: $0) == text }) else {
                return text
            }
            section.findings.mistake(position, path, "\(quoted(text)) is the label; write the attribute, \(attribute)")
            return nil
        }
    }

    private static func label(of attribute: String) -> String { String(attribute.map { $0 == "." ? "_" : $0 }) }

    /// The texts of a list, none of them empty.
    private func texts(_ key: String, _ form: String) -> [(text: String, position: SourcePosition, path: ConfigPath)] {
        (section.list(key) ?? []).enumerated().compactMap { index, node in
            let path = section.path.key(key).index(index)
            guard case .scalar(let text, _) = node.content, !node.isNull, !text.isEmpty else {
                section.findings.mistake(node.position, path, "expected a name, as in \(form)")
                return nil
            }
            return (text, node.position, path)
        }
    }

    private func mistake(_ key: String, _ message: String) {
        let position = section.entry(key)?.value.position ?? section.position
        section.findings.mistake(position, section.path.key(key), message)
    }
}
