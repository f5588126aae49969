package import Settings

/// How the names and labels of one Prometheus exporter are derived from OTLP.
package struct NamingConfig: Equatable, Sendable {
    /// `namespace`: prefix of every name, joined with an underscore. Default: none.
    package var namespace = ""
    /// `translation_strategy`, or its equivalent of `add_metric_suffixes` if that is not set.
    package var strategy = TranslationStrategy.underscoreEscapingWithSuffixes
    /// `const_labels`: added to every series, names as given. Default: none.
    package var constantLabels: [String: String] = [:]
    /// `without_scope_info`: no `otel_scope_*` labels. Default false.
    package var withoutScopeInfo = false
    /// `resource_to_telemetry_conversion`: attributes of the resource that become labels of the series.
    package var resourceAttributes = CopiedResourceAttributes.none

    package init() {}
}

/// What happens to names and labels that Prometheus could not hold before version 3, and whether unit and type are
/// added to names. The raw values are the Collector's.
package enum TranslationStrategy: String, Equatable, Sendable, CaseIterable {
    case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
    case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
    case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
    case noTranslation = "NoTranslation"

    /// Whether unit and type are added to names.
    package var addsSuffixes: Bool {
        switch self {
        case .underscoreEscapingWithSuffixes, .noUTF8EscapingWithSuffixes: true
        case .underscoreEscapingWithoutSuffixes, .noTranslation: false
        }
    }

    /// Whether characters beyond Prometheus' classic ones stay in names.
    package var keepsUTF8: Bool {
        switch self {
        case .noUTF8EscapingWithSuffixes, .noTranslation: true
        case .underscoreEscapingWithSuffixes, .underscoreEscapingWithoutSuffixes: false
        }
    }
}
