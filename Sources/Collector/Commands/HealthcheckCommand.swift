internal import ArgumentParser
internal import ConfigFile
internal import NIOCore
internal import NIOPosix

/// `odometer healthcheck`: asks the collector that runs with the same configuration for its metrics page. For compose
/// and the like; the image has no shell and no curl.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the running collector for /metrics; exit with 0 if it answers, with 1 otherwise.")

    @OptionGroup var configArguments: ConfigArguments

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 3

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout takes 1 to 300 seconds") }
    }

    func run() throws {
        let config = try configArguments.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        for exporter in config.prometheus {
            let probe = HealthProbe(endpoint: exporter.endpoint, timeout: .seconds(Int64(timeout)))
            guard try probe.status(on: group).wait() == 200 else {
                throw HealthcheckFailure(endpoint: exporter.endpoint)
            }
        }
    }
}

/// A page does not answer as it should.
struct HealthcheckFailure: Error, CustomStringConvertible {
    var endpoint: Endpoint

    var description: String { "no good answer from \(endpoint)" }
}
