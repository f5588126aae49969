internal import ArgumentParser
internal import Platform

/// The program: `odometer [--config FILE]...` runs the collector.
@main
struct Odometer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "odometer",
        abstract: "A lightweight OTLP collector with exact totals for Prometheus.",
        usage: """
            odometer [run] [--config <file>]...
            odometer <subcommand>
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, ValidateCommand.self, HealthcheckCommand.self, SendTestCommand.self,
            ForgetCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: RunCommand.self)

    /// Exits with 0 on success and 1 on any failure: scripts and service managers need no more.
    static func main() {
        StandardError.ensureStandardDescriptors()
        // When a client or a log reader disconnects, that is an error of one write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(ProgramArguments.all)
            try command.run()
            StandardError.flush()
        } catch {
            let isSuccess = exitCode(for: error).isSuccess
            let message = fullMessage(for: error)
            if isSuccess {
                print(message)
            } else if !message.isEmpty {
                StandardError.write(line: message)
            }
            StandardError.flush()
            endProcess(isSuccess ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

/// `exit(3)`; within a command the name means one of its own methods.
private func endProcess(_ status: Int32) -> Never {
    exit(status)
}
