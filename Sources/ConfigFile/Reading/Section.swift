internal import Settings

/// One mapping of the configuration while it is read. Every getter returns nil for a key that is absent or null, and
/// for a value with a mistake, which it has reported to the findings.
struct Section {
    let entries: [YAMLEntry]
    let path: ConfigPath
    let position: SourcePosition
    let findings: Findings

    /// Nil for null, and for a node that is not a mapping, which is a mistake.
    init?(_ node: YAMLNode, path: ConfigPath, findings: Findings) {
        guard !node.isNull else {
            return nil
        }
        guard case .mapping(let entries) = node.content else {
            findings.mistake(node.position, path, "expected a mapping (key: value), got \(node.kind)")
            return nil
        }
        self.entries = entries
        self.path = path
        position = node.position
        self.findings = findings
    }

    /// Reports every key that is unknown or not supported.
    func check(_ known: [KnownName]) {
        for entry in entries {
            let path = path.key(entry.key)
            guard let name = known[entry.key] else {
                findings.mistake(entry.keyPosition, path, "unknown key; \(known.suggestion(for: entry.key))")
                continue
            }
            guard !entry.value.asksForNothing else {
                continue
            }
            switch name.standing {
            case .read: break
            case .passive(let note): findings.note(entry.keyPosition, path, note)
            case .notSupportedYet(let harmless):
                if case .scalar(let text, _) = entry.value.content, harmless.contains(text) {
                    break
                }
                findings.mistake(entry.keyPosition, path, "not supported; remove it")
            case .refused(let reason): findings.mistake(entry.keyPosition, path, reason)
            }
        }
    }

    /// Sets the given values of a group of settings, and reports every unknown key.
    /// - Parameter others: known keys besides those of the group; the caller reads them.
    func read<Group: SettingGroup>(into group: inout Group, besides others: [KnownName] = []) {
        check(Group.knownNames + others)
        setValues(of: &group)
    }

    /// The same, for a section that is already checked.
    func setValues<Group: SettingGroup>(of group: inout Group) {
        for key in Group.keys { key.read(&group, self) }
    }

    /// The block of a group of settings. Nil if there is none.
    func group<Group: SettingGroup>(_ key: String) -> Group? {
        section(key).map { block in Group { block.read(into: &$0) } }
    }

    func entry(_ key: String) -> YAMLEntry? {
        entries.first { $0.key == key && !$0.value.isNull }
    }

    /// Whether the key is there, with or without a value.
    func hasKey(_ key: String) -> Bool {
        entries.contains { $0.key == key }
    }

    func section(_ key: String) -> Section? {
        entry(key).flatMap { Section($0.value, path: path.key(key), findings: findings) }
    }

    /// The text of a scalar; numbers and truth values as written.
    func text(_ key: String) -> String? {
        entry(key).flatMap { entry in
            guard let text = entry.value.text else {
                mistake(entry, "expected text, got \(entry.value.kind)")
                return nil
            }
            return text
        }
    }

    func flag(_ key: String) -> Bool? {
        entry(key).flatMap { entry in
            guard case .scalar(let text, .plain) = entry.value.content, let flag = YAMLScalars.flag(text) else {
                mistake(entry, "expected true or false, got \(entry.value.kind)")
                return nil
            }
            return flag
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        number(key, in: range, form: "a whole number such as \(min(1000, range.upperBound))", YAMLScalars.integer) {
            "\($0)"
        }
    }

    /// A number of bytes, with or without KiB, MiB or GiB.
    func byteCount(_ key: String, in range: ClosedRange<Int>) -> Int? {
        number(
            key, in: range, form: "a number of bytes, or one with KiB, MiB or GiB", ByteCount.parse,
            show: ByteCount.text)
    }

    private func number(
        _ key: String, in range: ClosedRange<Int>, form: String, _ parse: (String) -> Int?, show: (Int) -> String
    ) -> Int? {
        entry(key).flatMap { entry in
            guard let text = entry.value.text else {
                mistake(entry, "expected \(form), got \(entry.value.kind)")
                return nil
            }
            guard let value = parse(text) else {
                mistake(entry, "expected \(form), got \(quoted(text))")
                return nil
            }
            guard range.contains(value) else {
                mistake(
                    entry,
                    "expected a number from \(show(range.lowerBound)) to \(show(range.upperBound)), "
                        + "got \(printable(text))")
                return nil
            }
            return value
        }
    }

    /// A duration in Go's form. Negative ones are mistakes, and those below `minimum`.
    func duration(_ key: String, atLeast minimum: Duration = .zero) -> Duration? {
        entry(key).flatMap { entry in
            guard let text = entry.value.text else {
                mistake(entry, "expected a duration such as 5m, got \(entry.value.kind)")
                return nil
            }
            guard let duration = GoDuration.parse(text) else {
                let problem =
                    YAMLScalars.integer(text) == nil
                    ? "expected a duration such as 5m or 1h30m, got \(quoted(text))"
                    : "\(printable(text)) has no unit; write \(printable(text))s or \(printable(text))m"
                mistake(entry, problem)
                return nil
            }
            guard duration >= minimum else {
                mistake(entry, "expected \(minimum.configText) or more, got \(printable(text))")
                return nil
            }
            return duration
        }
    }

    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        entry(key).flatMap { entry in
            let words = Choice.allCases.map(\.rawValue)
            guard let text = entry.value.text else {
                mistake(entry, "expected \(Self.alternatives(words)), got \(entry.value.kind)")
                return nil
            }
            guard let choice = Choice(rawValue: text) else {
                mistake(entry, "expected \(Self.alternatives(words)), got \(quoted(text))")
                return nil
            }
            return choice
        }
    }

    func endpoint(_ key: String, defaultPort: Int) -> Endpoint? {
        guard let entry = entry(key), let text = text(key) else {
            return nil
        }
        do throws(MalformedEndpoint) {
            return try Endpoint(parsing: text, defaultPort: defaultPort)
        } catch {
            mistake(entry, error.message)
            return nil
        }
    }

    /// The elements of a list; nil if the key is absent or null.
    func list(_ key: String) -> [YAMLNode]? {
        entry(key).flatMap { entry in
            guard case .sequence(let elements) = entry.value.content else {
                mistake(entry, "expected a list such as [first, second], got \(entry.value.kind)")
                return nil
            }
            return elements
        }
    }

    /// A number that need not be whole.
    func decimal(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let entry = entry(key), let text = text(key) else {
            return nil
        }
        guard let value = Double(text), range.contains(value) else {
            mistake(
                entry, "expected a number from \(range.lowerBound) to \(range.upperBound), got \(quoted(text))")
            return nil
        }
        return value
    }

    /// The path of a URL; a missing slash at the start is added, as the Collector does.
    func urlPath(_ key: String) -> String? {
        guard let entry = entry(key), let text = text(key) else {
            return nil
        }
        let isPath = text.utf8.allSatisfy { byte in
            (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
        }
        guard isPath, !text.isEmpty, text.utf8.count <= 1024 else {
            mistake(entry, "expected a URL path such as /v1/metrics, got \(quoted(text))")
            return nil
        }
        return text.hasPrefix("/") ? text : "/" + text
    }

    private func mistake(_ entry: YAMLEntry, _ message: @autoclosure () -> String) {
        findings.mistake(entry.value.position, path.key(entry.key), message())
    }

    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else {
            return words.joined()
        }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }
}

extension Section: ValueSource {}

extension SettingGroup {
    /// Its keys, for checks.
    static var knownNames: [KnownName] { keys.map { KnownName($0.name) } }
}

extension YAMLNode {
    /// What the node is, for messages.
    var kind: String {
        switch content {
        case .scalar(let text, _): quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// A scalar as written, or the text from which a list or mapping was read.
    var text: String? {
        if case .scalar(let text, _) = content {
            return text
        }
        return sourceText
    }

    /// Null, an empty list or an empty mapping.
    var asksForNothing: Bool {
        switch content {
        case .scalar: isNull
        case .sequence(let elements): elements.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }
}
