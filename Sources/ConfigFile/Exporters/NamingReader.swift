internal import Settings

/// Reads the keys of an `exporters.prometheus` for names and labels.
struct NamingReader {
    let section: Section
    let findings: Findings

    func read() -> NamingConfig {
        var naming = NamingConfig()
        naming.namespace = section.text("namespace") ?? ""
        naming.strategy = strategy()
        naming.constantLabels = constantLabels()
        naming.withoutScopeInfo = section.flag("without_scope_info") ?? false
        naming.resourceAttributes = copiedResourceAttributes()
        return naming
    }

    /// `translation_strategy` takes precedence if both are set, as in the Collector, where an empty one counts as not
    /// set.
    private func strategy() -> TranslationStrategy {
        let suffixes = section.flag("add_metric_suffixes")
        guard let written = section.entry("translation_strategy"), written.value.text != "" else {
            return suffixes == false ? .underscoreEscapingWithoutSuffixes : .underscoreEscapingWithSuffixes
        }
        let strategy = section.choice("translation_strategy", TranslationStrategy.self)
        if let suffixes, let strategy, suffixes != strategy.addsSuffixes,
            let entry = section.entry("add_metric_suffixes")
        {
            findings.note(
                entry.keyPosition, section.path.key(entry.key), "has no effect: translation_strategy is set")
        }
        return strategy ?? .underscoreEscapingWithSuffixes
    }

    private func constantLabels() -> [String: String] {
        guard let given = section.section("const_labels") else {
            return [:]
        }
        var labels: [String: String] = [:]
        for entry in given.entries {
            guard !entry.key.isEmpty else {
                findings.mistake(entry.keyPosition, given.path, "a label without a name; write NAME: VALUE")
                continue
            }
            if let value = given.text(entry.key) {
                labels[entry.key] = value
            }
        }
        return labels
    }

    private func copiedResourceAttributes() -> CopiedResourceAttributes {
        guard let given = section.section("resource_to_telemetry_conversion") else {
            return .none
        }
        given.check([KnownName("enabled"), KnownName("exclude_service_attributes")])
        let isEnabled = given.flag("enabled") ?? false
        let excludesService = given.flag("exclude_service_attributes") ?? false
        guard isEnabled else {
            return .none
        }
        return excludesService ? .allButService : .all
    }
}
