internal import Settings

/// Reads one `exporters.debug` or `exporters.logging`.
struct DebugReader {
    private static let keys =
        [KnownName("verbosity")]
        + ["sampling_initial", "sampling_thereafter", "use_internal_logger", "output_paths", "sending_queue"].map {
            KnownName($0, .noEffect("each export is logged as one line on standard error"))
        }

    /// `loglevel` is the former name of `verbosity`.
    private static let loggingKeys = keys + [KnownName("loglevel")]

    private enum Level: String, CaseIterable {
        case debug
        case info
        case warn
        case error
    }

    let component: DefinedComponent
    let findings: Findings

    func read() -> DebugConfig {
        var config = DebugConfig(name: component.id.description)
        guard let section = component.section(findings) else {
            return config
        }
        section.check(component.id.type == "logging" ? Self.loggingKeys : Self.keys)
        if section.choice("loglevel", Level.self) == .debug {
            config.verbosity = .detailed
        }
        // In any letter case, as in the Collector.
        if let text = section.text("verbosity"), let entry = section.entry("verbosity") {
            if let verbosity = DebugVerbosity(rawValue: text.lowercased()) {
                config.verbosity = verbosity
            } else {
                let words = Section.alternatives(DebugVerbosity.allCases.map(\.rawValue))
                findings.mistake(
                    entry.value.position, section.path.key("verbosity"),
                    "expected \(words), got \(quoted(text))")
            }
        }
        return config
    }

    /// Warns of the effect of `detailed`.
    func noteLimits(of config: DebugConfig) {
        guard config.verbosity == .detailed, config.inputs.contains(where: { $0.signal != .metrics }) else {
            return
        }
        let position = component.section(findings)?.entry("verbosity")?.keyPosition ?? component.position
        findings.note(
            position, component.path.key("verbosity"),
            "detailed writes logs and traces to the log in full, with PROMPTS and names of people; write basic or normal "
                + "to log only their number")
    }
}
