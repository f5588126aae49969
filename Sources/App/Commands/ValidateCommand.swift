internal import ArgumentParser
internal import ConfigFile
internal import Logging

/// `odometer validate`: describes a configuration, or reports its mistakes.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a configuration and show what it does.")

    @OptionGroup var configArguments: ConfigArguments

    func run() throws {
        let config = try configArguments.load()
        // Invalid certificates, keys and passwords are mistakes of the configuration as well.
        try ConfigArguments.tellingMistakes {
            _ = try Protection(config, log: Logger(config.telemetry, limits: config.log))
        }
        for line in ConfigSummary.lines(of: config) {
            print(line)
        }
    }
}
