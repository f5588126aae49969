internal import Patterns

/// Reads an `include` or `exclude` with `match_type` and `metric_names` of the processors `filter` and `attributes`.
struct NameMatchReader {
    private enum MatchType: String, CaseIterable {
        case strict
        case regexp
    }

    static let matchKeys = [
        KnownName("match_type"), KnownName("metric_names"),
        KnownName("regexp", .noEffect("nothing is cached, since a name is matched once")),
    ]

    /// Keys of the block besides `matchKeys`.
    let otherKeys: [KnownName]

    /// The condition on names; nil if the key is absent, names no metric, or has a mistake, which is in the findings.
    func read(_ key: String, in section: Section) -> TextCondition? {
        guard let match = section.section(key) else { return nil }
        match.check(Self.matchKeys + otherKeys)
        guard let names = match.list("metric_names"), !names.isEmpty else {
            if match.entry("metric_names") == nil || match.list("metric_names")?.isEmpty ?? false {
                section.findings.note(
                    match.position, match.path, "has no effect on metrics: it has no metric_names, as in the Collector")
            }
            return nil
        }
        guard let type = matchType(in: match) else { return nil }
        let path = match.path.key("metric_names")
        return .any(names.enumerated().compactMap { condition(type, $1, path.index($0), section.findings) })
    }

    private func matchType(in match: Section) -> MatchType? {
        if match.entry("match_type") == nil {
            match.findings.mistake(
                match.position, match.path, "match_type is missing; write match_type: strict or regexp")
        }
        return match.choice("match_type", MatchType.self)
    }

    private func condition(
        _ type: MatchType, _ node: YAMLNode, _ path: ConfigPath, _ findings: Findings
    ) -> TextCondition? {
        guard let text = node.text else {
            findings.mistake(node.position, path, "expected the name of a metric, got \(node.kind)")
            return nil
        }
        switch type {
        case .strict: return .equals(text)
        case .regexp: return findings.pattern(text, at: node.position, path).map { .matches($0) }
        }
    }
}

extension Findings {
    /// The pattern, or nil after reporting a mistake in it.
    func pattern(_ text: String, at position: SourcePosition, _ path: ConfigPath) -> TextPattern? {
        do throws(PatternFault) {
            return try TextPattern(text)
        } catch {
            mistake(
                position, path, "\(quoted(text)) is not a valid RE2 regular expression: \(error)")
            return nil
        }
    }
}
