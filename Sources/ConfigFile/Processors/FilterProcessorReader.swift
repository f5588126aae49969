internal import Patterns

/// Reads one `processors.filter`: conditions on the name of a metric. Any other condition is an error: ignoring it
/// would let through metrics that are to be dropped.
struct FilterProcessorReader {
    private static let advice = "write metrics: {exclude: {match_type: strict, metric_names: [NAME]}}"
    private static let onlyNames = "metrics are filtered by name only; remove it and \(advice)"

    private static let keys =
        [
            KnownName("metrics"), KnownName("metric_conditions"),
            KnownName("error_mode", .noEffect("a condition on a name cannot fail")),
        ]
        + [
            "spans", "traces", "logs", "profiles", "trace_conditions", "log_conditions", "profile_conditions",
        ].map { KnownName($0, .refused(onlyNames)) }

    private static let metricsKeys =
        [
            KnownName("include"), KnownName("exclude"), KnownName("metric"),
            KnownName("regexp", .noEffect("nothing is cached, since a name is matched once")),
        ] + ["resource", "datapoint"].map { KnownName($0, .refused(onlyNames)) }

    private static let matches = NameMatchReader(
        otherKeys: ["expressions", "resource_attributes"].map { KnownName($0, .refused(onlyNames)) })

    let component: DefinedComponent
    let findings: Findings

    /// Nil if there is no condition; that is in the findings.
    func read() -> FilterProcessorConfig? {
        let section = component.section(findings)
        let mistakesBefore = findings.mistakeCount
        section?.check(Self.keys)
        guard let section, section.entry("metrics") != nil || section.entry("metric_conditions") != nil else {
            if findings.mistakeCount == mistakesBefore {
                findings.mistake(component.position, component.path, "has no filter; \(Self.advice)")
            }
            return nil
        }
        var drops: [TextCondition] = []
        if let metrics = section.section("metrics") {
            drops += read(metrics)
        }
        drops += conditions(of: "metric_conditions", in: section)
        return FilterProcessorConfig(name: component.id.description, drops: .any(drops))
    }

    private func read(_ metrics: Section) -> [TextCondition] {
        metrics.check(Self.metricsKeys)
        let include = Self.matches.read("include", in: metrics)
        let exclude = Self.matches.read("exclude", in: metrics)
        if let entry = metrics.entry("metric"), metrics.entry("include") != nil || metrics.entry("exclude") != nil {
            findings.mistake(
                entry.keyPosition, metrics.path, "has both conditions and include or exclude; write only one of them")
        }
        return [include.map { .not($0) }, exclude].compactMap { $0 } + conditions(of: "metric", in: metrics)
    }

    /// Reads a list of conditions, each of which drops; or of mappings with such lists.
    private func conditions(of key: String, in section: Section) -> [TextCondition] {
        let path = section.path.key(key)
        return (section.list(key) ?? []).enumerated().flatMap { index, node -> [TextCondition] in
            guard case .mapping = node.content, key == "metric_conditions" else {
                return [condition(node, path.index(index))].compactMap { $0 }
            }
            guard let group = Section(node, path: path.index(index), findings: findings) else { return [] }
            group.check([
                KnownName("context"), KnownName("conditions"),
                KnownName("error_mode", .noEffect("a condition on a name cannot fail")),
            ])
            if let entry = group.entry("context"), let context = group.text("context"), context != "metric" {
                findings.mistake(entry.value.position, group.path.key("context"), Self.onlyNames)
            }
            return (group.list("conditions") ?? []).enumerated().compactMap {
                condition($1, group.path.key("conditions").index($0))
            }
        }
    }

    private func condition(_ node: YAMLNode, _ path: ConfigPath) -> TextCondition? {
        guard let text = node.text else {
            findings.mistake(node.position, path, "expected a condition such as 'name == \"x\"', got \(node.kind)")
            return nil
        }
        do throws(NameConditionParser.Fault) {
            return try NameConditionParser.parse(text)
        } catch {
            findings.mistake(
                node.position, path,
                "the condition \(error.description); write 'name == \"x\"' or 'IsMatch(name, \"^x\")'")
            return nil
        }
    }
}
