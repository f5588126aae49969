package import Settings

/// Where exports are sent over gRPC, and how.
package struct GRPCDestination: Sendable {
    /// A name or an address.
    package var host: String
    package var port: Int
    /// The value of `:authority`.
    package var authority: String
    /// Sent with every call; names in any letter case.
    package var headers: [(name: String, value: String)]
    /// Credentials of this exporter; nil: none besides `headers`.
    package var credentials: ClientCredentials?
    package var compression: Compression
    /// Time for one attempt, from connecting to the status. Default 5 s.
    package var timeout: Duration
    /// Encrypts the connection; nil: no TLS.
    package var tls: ClientTLS?

    package init(
        host: String, port: Int, authority: String, headers: [(name: String, value: String)] = [],
        compression: Compression = .gzip, timeout: Duration = .seconds(5), tls: ClientTLS? = nil,
        credentials: ClientCredentials? = nil
    ) {
        self.host = host
        self.port = port
        self.authority = authority
        self.headers = headers
        self.compression = compression
        self.timeout = timeout
        self.tls = tls
        self.credentials = credentials
    }
}
