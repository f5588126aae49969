internal import ArgumentParser
internal import ConfigFile
internal import Settings

/// `--config` of all commands.
struct ConfigArguments: ParsableArguments {
    @Option(
        name: .customLong("config"), parsing: .singleValue,
        help: ArgumentHelp(
            "Configuration file of the OpenTelemetry Collector.",
            discussion: """
                May be repeated; later files override earlier ones. Instead of a path, env:NAME reads an environment \
                variable. Without this option, the first existing file of the colon-separated list \
                \(ConfigSelection.candidatesVariable) is used, and without that the embedded default.
                """,
            valueName: "file"))
    var files: [String] = []

    /// The default state directory. The image sets it to the path of its volume.
    static let statePathVariable = "ODOMETER_STATE_PATH"

    /// Loads the configuration of these arguments. Each mistake is a line on standard error.
    /// - Throws: `ExitCode.failure` if there are mistakes.
    func load() throws -> AppConfig {
        let files = ConfigSelection.files(given: files, environment: Environment.value)
        return try Self.tellingMistakes {
            var config = try ConfigLoader.load(files: files, environment: Environment.value)
            if !config.state.isPathGiven, let path = Environment.value(of: Self.statePathVariable) {
                config.state.path = path
            }
            return config
        }
    }

    /// Runs a step that may find mistakes in a configuration; each is a line on standard error.
    /// - Throws: `ExitCode.failure` if there are mistakes.
    static func tellingMistakes<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as ConfigFailure {
            for line in failure.lines {
                StandardError.write(line: line)
            }
            throw ExitCode.failure
        }
    }
}

/// Selects the configuration files.
enum ConfigSelection {
    /// A colon-separated list of files; without `--config` the first that exists is read. The image sets it to the
    /// paths of the Collector's images.
    static let candidatesVariable = "ODOMETER_CONFIG_PATHS"

    /// Empty: the embedded default.
    static func files(given: [String], environment: (String) -> String?) -> [String] {
        guard given.isEmpty, let candidates = environment(candidatesVariable) else {
            return given
        }
        let paths = candidates.split(separator: ":").map(String.init)
        return ConfigLoader.firstExisting(of: paths).map { [$0] } ?? []
    }
}
