internal import ArgumentParser
internal import ConfigFile

/// `odometer validate`: says what a configuration would run, or what is wrong with it.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a configuration and show what it would run.")

    @OptionGroup var configArguments: ConfigArguments

    func run() throws {
        for line in ConfigSummary.lines(of: try configArguments.load()) {
            print(line)
        }
    }
}
