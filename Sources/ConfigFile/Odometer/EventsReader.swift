internal import Settings

/// Reads `odometer.events`.
struct EventsReader {
    private static let ruleKeys = [
        "event", "counter", "histogram", "unit", "description", "value", "divide_by", "buckets", "labels", "where",
    ].map { KnownName($0) }
    /// Labels of one rule. 16.
    private static let labelLimit = 16
    /// Buckets of one rule. 160, as in a native histogram.
    private static let bucketLimit = 160
    /// Rules. 1000.
    private static let ruleLimit = 1000

    let section: Section

    func read() -> EventMetricsSettings {
        var events = EventMetricsSettings()
        section.read(into: &events, besides: [KnownName("rules")])
        let path = section.path.key("rules")
        let given = section.list("rules") ?? []
        if given.count > Self.ruleLimit {
            section.findings.mistake(section.position, path, "more than \(Self.ruleLimit) rules; remove some")
        }
        events.rules = given.prefix(Self.ruleLimit).enumerated().compactMap { rule($1, path: path.index($0)) }
        return events
    }

    private func rule(_ node: YAMLNode, path: ConfigPath) -> EventRule? {
        guard let given = Section(node, path: path, findings: section.findings) else { return nil }
        given.check(Self.ruleKeys)
        guard let event = given.text("event"), !event.isEmpty else {
            mistake(given, "event is missing; write event: NAME without claude_code., or event: \"*\"")
            return nil
        }
        guard let (metric, kind) = metric(given) else { return nil }
        var rule = EventRule(event: event == "*" ? nil : bare(event), metric: metric, kind: kind)
        rule.unit = given.text("unit") ?? ""
        rule.description = given.text("description") ?? ""
        let divisor = number(given, "divide_by") ?? 1
        if !(divisor > 0 && divisor.isFinite) {
            mistake(given, "divide_by: expected a number above 0, such as 1000")
        }
        rule.values = given.text("value").map { [EventValue($0, dividedBy: divisor)] } ?? []
        if rule.values.isEmpty, given.entry("divide_by") != nil || given.entry("histogram") != nil {
            mistake(given, "value is missing; write value: ATTRIBUTE, the number to count")
        }
        rule.labels = labels(given)
        rule.conditions = given.section("where").map { conditions($0) } ?? []
        return rule
    }

    private func bare(_ event: String) -> String {
        let prefix = "claude_code."
        return event.hasPrefix(prefix) ? String(event.dropFirst(prefix.count)) : event
    }

    private func metric(_ given: Section) -> (String, EventRule.Kind)? {
        let counter = given.text("counter")
        let histogram = given.text("histogram")
        switch (counter, histogram) {
        case (let name?, nil) where !name.isEmpty:
            if given.entry("buckets") != nil { mistake(given, "buckets need a histogram; write histogram: NAME") }
            return (name, .counter)
        case (nil, let name?) where !name.isEmpty:
            return buckets(given).map { (name, .histogram(bounds: $0)) }
        default:
            mistake(given, "expected either counter: NAME or histogram: NAME, such as my.metric")
            return nil
        }
    }

    private func buckets(_ given: Section) -> [Double]? {
        let bounds = (given.list("buckets") ?? []).map { $0.text.flatMap(Double.init) ?? .nan }
        let isAscending = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
        guard !bounds.isEmpty, bounds.count <= Self.bucketLimit, bounds.allSatisfy(\.isFinite), isAscending else {
            mistake(given, "buckets: expected an ascending list of numbers such as [0.1, 1, 10]")
            return nil
        }
        return bounds
    }

    private func number(_ given: Section, _ key: String) -> Double? {
        guard let text = given.text(key) else { return nil }
        return Double(text) ?? .nan
    }

    /// A list of attributes, or a mapping of labels to attributes.
    private func labels(_ given: Section) -> [EventLabel] {
        guard let entry = given.entry("labels") else { return [] }
        var labels: [EventLabel] = []
        switch entry.value.content {
        case .sequence(let elements):
            for element in elements {
                guard let name = element.text, !name.isEmpty else { continue }
                labels.append(EventLabel(name, from: name))
            }
            if labels.count < elements.count {
                mistake(given, "labels: expected only names, such as [model, user]")
            }
        case .mapping(let entries):
            for entry in entries {
                guard let attribute = entry.value.text, !attribute.isEmpty else { continue }
                labels.append(EventLabel(entry.key, from: attribute))
            }
            if labels.count < entries.count {
                mistake(given, "labels: expected only names, such as [model, user]")
            }
        case .scalar: mistake(given, "labels: expected a list or mapping, such as [model, user] or {label: attribute}")
        }
        if labels.count > Self.labelLimit { mistake(given, "more than \(Self.labelLimit) labels; remove some") }
        return labels
    }

    private func conditions(_ given: Section) -> [EventCondition] {
        given.entries.compactMap { entry in
            guard let text = entry.value.text else {
                mistake(given, "where: expected ATTRIBUTE: TEXT, such as success: \"false\"")
                return nil
            }
            return EventCondition(entry.key, is: text)
        }
    }

    private func mistake(_ given: Section, _ message: String) {
        section.findings.mistake(given.position, given.path, message)
    }
}
