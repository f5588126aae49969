/// Loads configurations.
package enum ConfigLoader {
    /// Reads, merges, substitutes and checks a configuration.
    ///
    /// - Parameters:
    ///   - files: In the order of the command line; later ones are laid over earlier ones. Besides a path, `file:PATH`
    ///     and `env:NAME` (the text of an environment variable) are taken, as by the Collector. None: the embedded
    ///     default.
    ///   - environment: The value of an environment variable, nil if it is unset.
    /// - Throws: All mistakes at once, as far as they can be seen; nothing has been changed then.
    package static func load(
        files: [String], environment: (String) -> String?
    ) throws(ConfigFailure) -> AppConfig {
        guard !files.isEmpty else {
            return .embeddedDefault
        }
        let findings = Findings()
        let sources = files.map(ConfigSource.init)
        var merged: YAMLNode?
        for source in sources {
            do throws(ConfigFinding) {
                let bytes = try source.bytes(environment: environment)
                if let node = try YAMLTreeBuilder.parse(bytes, file: source.name) {
                    merged = merged?.overlaid(by: node) ?? node
                }
            } catch {
                findings.mistake(error)
            }
        }
        let names = sources.map(\.name)
        // Mistakes that only follow from an unreadable file are not reported.
        try findings.throwMistakes(files: names)
        let root = merged ?? .scalar("", .plain, at: SourcePosition(file: names[0]))
        let config = withoutActuallyEscaping(environment) { environment in
            var substitution = EnvironmentSubstitution(environment: environment, findings: findings)
            return ConfigurationReader(findings: findings).read(substitution.apply(to: root))
        }
        try findings.throwMistakes(files: names)
        return config
    }

    /// The first of several candidate files that exists.
    package static func firstExisting(of files: [String]) -> String? {
        files.first(where: FileReading.exists)
    }
}

/// One `--config` of the command line.
private struct ConfigSource {
    private enum Kind {
        case file(String)
        case variable(String)
        case unsupported(scheme: String)
    }

    private let kind: Kind
    /// The name used in positions.
    let name: String

    init(_ argument: String) {
        name = argument.hasPrefix("file:") ? String(argument.dropFirst(5)) : argument
        if argument.hasPrefix("env:") {
            kind = .variable(String(argument.dropFirst(4)))
        } else if let scheme = ["yaml", "http", "https"].first(where: { argument.hasPrefix("\($0):") }) {
            kind = .unsupported(scheme: scheme)
        } else {
            kind = .file(name)
        }
    }

    func bytes(environment: (String) -> String?) throws(ConfigFinding) -> [UInt8] {
        let position = SourcePosition(file: name)
        switch kind {
        case .file(let path): return try FileReading.bytes(of: path, limit: YAMLLimits().bytes)
        case .variable(let variable):
            guard let text = environment(variable) else {
                throw ConfigFinding(position: position, path: "", message: "the environment variable is not set")
            }
            return Array(text.utf8)
        case .unsupported(let scheme):
            throw ConfigFinding(
                position: position, path: "", message: "\(scheme): is not supported; write the settings into a file")
        }
    }
}
