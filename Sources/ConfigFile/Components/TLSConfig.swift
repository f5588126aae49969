/// `tls` of a listener, or of an exporter that sends. No file has been read yet.
package struct TLSConfig: Equatable, Sendable {
    /// PEM text, in a file or inline, and its position in the configuration.
    package struct Material: Equatable, Sendable {
        /// The file's path, or the text.
        package enum Content: Equatable, Sendable {
            case file(String)
            case text(String)
        }

        package var content: Content
        /// The position of the path or text.
        package var position: SourcePosition
        /// Its key path, such as `receivers.otlp.protocols.grpc.tls.cert_file`.
        package var path: String

        package init(_ content: Content, position: SourcePosition, path: String) {
            self.content = content
            self.position = position
            self.path = path
        }
    }

    /// The position of `tls`.
    package var position: SourcePosition
    /// Its key path.
    package var path: String
    /// `cert_file` or `cert_pem`: the certificate chain of this side. Servers always have one.
    package var certificate: Material?
    /// `key_file` or `key_pem`: set if, and only if, the certificate is.
    package var key: Material?
    /// `client_ca_file` of a server: clients must present a certificate of these authorities. `ca_file` or `ca_pem` of
    /// a client: the authorities for the server's certificate; nil: the system's.
    package var trusted: Material?
    /// `include_system_ca_certs_pool`: whether the system's authorities are trusted, too. Default false.
    package var addsSystemRoots = false
    /// `min_version`. Default 1.2.
    package var minimumVersion = TLSVersion.v12
    /// `max_version`. Default 1.3.
    package var maximumVersion = TLSVersion.v13
    /// `cipher_suites`, all of them supported. Empty: a default choice with forward secrecy.
    package var cipherSuites: [String] = []
    /// `curve_preferences`, all of them supported. Empty: a default choice.
    package var curves: [String] = []
    /// `reload_interval`: how often the files of certificate and key are reloaded. Nil: never.
    package var reloadInterval: Duration?
    /// `client_ca_file_reload`: whether that file is reloaded when it changes. Default false.
    package var reloadsTrusted = false
    /// `insecure` of a client: no TLS at all. Default false.
    package var isInsecure = false
    /// `insecure_skip_verify` of a client: any certificate is accepted. Default false.
    package var skipsVerification = false
    /// `server_name_override` of a client: the name that the server's certificate must have. Nil: that of the endpoint.
    package var serverName: String?

    package init(position: SourcePosition, path: String) {
        self.position = position
        self.path = path
    }
}

/// A version of TLS as in the configuration.
package enum TLSVersion: String, CaseIterable, Sendable {
    case v10 = "1.0"
    case v11 = "1.1"
    case v12 = "1.2"
    case v13 = "1.3"
}
