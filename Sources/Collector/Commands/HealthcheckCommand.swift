internal import ArgumentParser
internal import ConfigFile
internal import NIOCore
internal import NIOPosix

/// `odometer healthcheck`: asks the collector that runs with the same configuration whether it is ready: its
/// `health_check` extension, or the metrics page where there is none. For compose and the like; the image has no shell and no curl.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the running collector whether it is ready; exit with 0 if it answers, with 1 otherwise.")

    @OptionGroup var configArguments: ConfigArguments

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 3

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout takes 1 to 300 seconds") }
    }

    func run() throws {
        let config = try configArguments.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pages = config.healthChecks.map { ($0.endpoint, $0.path) }
        for (endpoint, path) in pages.isEmpty ? config.prometheus.map({ ($0.endpoint, "/metrics") }) : pages {
            let probe = HealthProbe(endpoint: endpoint, path: path, timeout: .seconds(Int64(timeout)))
            guard try probe.status(on: group).wait() == 200 else { throw HealthcheckFailure(endpoint: endpoint) }
        }
    }
}

/// A page does not answer as it should.
struct HealthcheckFailure: Error, CustomStringConvertible {
    var endpoint: Endpoint

    var description: String { "no good answer from \(endpoint)" }
}
