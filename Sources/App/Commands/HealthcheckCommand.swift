internal import ArgumentParser
internal import ConfigFile
internal import NIOCore
internal import NIOPosix

/// `odometer healthcheck`: checks whether the collector with the same configuration is ready, by its `health_check`
/// extension, or by the metrics page if there is none. For compose and the like; the image has no shell and no curl.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Check whether the running collector is ready; exit with 0 if it is, with 1 otherwise.")

    @OptionGroup var configArguments: ConfigArguments

    @OptionGroup var clientArguments: ClientArguments

    @Option(help: "Seconds to wait for the answer.")
    var timeout: Int = 3

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout: expected 1 to 300 seconds") }
    }

    func run() throws {
        let config = try configArguments.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let checks = config.healthChecks.map { Page(endpoint: $0.endpoint, path: $0.path, tls: $0.tls, auth: $0.auth) }
        let pages = config.prometheus.map { Page(endpoint: $0.endpoint, path: "/metrics", tls: $0.tls, auth: $0.auth) }
        for page in checks.isEmpty ? pages : checks {
            // The listener requires a client certificate: without one, an open port must do.
            let asksForCertificates = page.tls?.trusted != nil && clientArguments.certFile == nil
            let tls = asksForCertificates ? nil : try page.tls.map { _ in try encryption() }
            let probe = HealthProbe(
                endpoint: page.endpoint, path: page.path, tls: tls, timeout: .seconds(Int64(timeout)))
            if asksForCertificates {
                try probe.connect(on: group).wait()
                continue
            }
            let status = try probe.status(on: group).wait()
            // The probe has no credentials; a listener that asks for them is up.
            guard status == 200 || status == 401 && page.auth != nil else {
                throw HealthcheckFailure(endpoint: page.endpoint)
            }
        }
    }

    /// The page to request.
    private struct Page {
        var endpoint: Endpoint
        var path: String
        var tls: TLSConfig?
        var auth: AuthConfig?
    }

    /// The certificate of this machine's listener is not verified, unless the command line says otherwise: a
    /// certificate that was renewed on disk must not make a collector unhealthy that still uses the old one.
    private func encryption() throws -> CommandTLS {
        let trust: CommandTLS.Trust = clientArguments.caFile.map { .authorities(file: $0) } ?? .anybody
        return try CommandTLS(clientArguments, trust: trust)
    }
}

/// A page does not respond as expected.
struct HealthcheckFailure: Error, CustomStringConvertible {
    var endpoint: Endpoint

    var description: String { "unexpected answer from \(endpoint)" }
}
