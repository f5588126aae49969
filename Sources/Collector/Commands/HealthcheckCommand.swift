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

    @OptionGroup var clientArguments: ClientArguments

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 3

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout takes 1 to 300 seconds") }
    }

    func run() throws {
        let config = try configArguments.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let checks = config.healthChecks.map { Page(endpoint: $0.endpoint, path: $0.path, tls: $0.tls, auth: $0.auth) }
        let pages = config.prometheus.map { Page(endpoint: $0.endpoint, path: "/metrics", tls: $0.tls, auth: $0.auth) }
        for page in checks.isEmpty ? pages : checks {
            // Only clients with a certificate get further: without one, that somebody is there must do.
            let asksForCertificates = page.tls?.trusted != nil && clientArguments.certFile == nil
            let tls = asksForCertificates ? nil : try page.tls.map { _ in try encryption() }
            let probe = HealthProbe(
                endpoint: page.endpoint, path: page.path, tls: tls, timeout: .seconds(Int64(timeout)))
            if asksForCertificates {
                try probe.connect(on: group).wait()
                continue
            }
            let status = try probe.status(on: group).wait()
            // The probe has no credentials either; who asks for them serves.
            guard status == 200 || status == 401 && page.auth != nil else {
                throw HealthcheckFailure(endpoint: page.endpoint)
            }
        }
    }

    /// What is asked.
    private struct Page {
        var endpoint: Endpoint
        var path: String
        var tls: TLSConfig?
        var auth: AuthConfig?
    }

    /// Whoever answers on this machine's port is believed to be the collector, unless the command line says more: a
    /// certificate that was renewed on disk must not make a collector unhealthy that shows the one before.
    private func encryption() throws -> CommandTLS {
        let trust: CommandTLS.Trust = clientArguments.caFile.map { .authorities(file: $0) } ?? .anybody
        return try CommandTLS(clientArguments, trust: trust)
    }
}

/// A page does not answer as it should.
struct HealthcheckFailure: Error, CustomStringConvertible {
    var endpoint: Endpoint

    var description: String { "no good answer from \(endpoint)" }
}
