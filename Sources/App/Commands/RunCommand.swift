internal import ArgumentParser
internal import ConfigFile
internal import Logging

/// `odometer run`, also without the word.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the collector until SIGTERM or SIGINT (the default).")

    @OptionGroup var configArguments: ConfigArguments

    func run() throws {
        let config = try configArguments.load()
        let logger = Logger(config.telemetry, limits: config.log)
        for note in config.notes.lines {
            logger.warning("\(note)")
        }
        try ConfigArguments.tellingMistakes { try AppRun.run(config, logger: logger) }
    }
}
