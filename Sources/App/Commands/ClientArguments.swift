internal import ArgumentParser

/// TLS options of commands: the client certificate, and how the server's certificate is verified.
struct ClientArguments: ParsableArguments {
    @Option(
        help: """
            Certificate authorities that may have signed the server's certificate (PEM). Without it, send-test \
            accepts the certificate in the configuration for its listeners, and the system's authorities for other \
            servers; healthcheck accepts any certificate.
            """)
    var caFile: String?

    @Option(help: "Client certificate, for servers with client_ca_file (PEM).")
    var certFile: String?

    @Option(help: "Key of the client certificate (PEM).")
    var keyFile: String?

    @Flag(help: "Accept any server certificate.")
    var insecureSkipVerify = false

    func validate() throws {
        guard (certFile == nil) == (keyFile == nil) else {
            throw ValidationError("--cert-file and --key-file must be given together")
        }
        guard caFile == nil || !insecureSkipVerify else {
            throw ValidationError("--ca-file and --insecure-skip-verify exclude each other")
        }
    }
}
