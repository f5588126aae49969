internal import ArgumentParser

/// TLS options of commands: the client certificate, and how the server's certificate is verified.
struct ClientArguments: ParsableArguments {
    @Option(
        help: """
            Who may have signed the server's certificate (PEM). Without it send-test believes a listener of the \
            configuration that shows the certificate which stands there, and other servers by the system's \
            authorities; healthcheck believes whoever answers.
            """)
    var caFile: String?

    @Option(help: "The certificate to show, for servers with client_ca_file (PEM).")
    var certFile: String?

    @Option(help: "The key of that certificate (PEM).")
    var keyFile: String?

    @Flag(help: "Take any certificate of the server.")
    var insecureSkipVerify = false

    func validate() throws {
        guard (certFile == nil) == (keyFile == nil) else {
            throw ValidationError("--cert-file and --key-file go together")
        }
        guard caFile == nil || !insecureSkipVerify else {
            throw ValidationError("--ca-file says whom to believe, --insecure-skip-verify that anybody will do")
        }
    }
}
