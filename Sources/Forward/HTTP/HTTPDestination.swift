package import OTLP
package import Settings

/// Where exports are sent over HTTP, and how.
package struct HTTPDestination: Sendable {
    /// The server for each signal; a signal without a server is not sent.
    package var servers: [Signal: HTTPServer]
    /// Sent with every export; names in any letter case.
    package var headers: [(name: String, value: String)]
    /// Credentials of this exporter; nil: none besides `headers`.
    package var credentials: ClientCredentials?
    package var compression: Compression
    /// Time for one attempt, from connecting to the last byte of the response. Default 30 s.
    package var timeout: Duration
    /// How long a connection may be idle before it is not used again. Default 90 s.
    package var idleLimit: Duration
    /// Encrypts connections to https servers; set if there is one.
    package var tls: ClientTLS?

    package init(
        servers: [Signal: HTTPServer],
        headers: [(name: String, value: String)] = [], compression: Compression = .gzip,
        timeout: Duration = .seconds(30), idleLimit: Duration = .seconds(90),
        tls: ClientTLS? = nil,
        credentials: ClientCredentials? = nil
    ) {
        self.servers = servers
        self.headers = headers
        self.compression = compression
        self.timeout = timeout
        self.idleLimit = idleLimit
        self.tls = tls
        self.credentials = credentials
    }

    /// Whether requests carry headers or credentials that may be secret.
    var hasHeaders: Bool { !headers.isEmpty || credentials != nil }
}

/// One server, with the path of its endpoint.
package struct HTTPServer: Sendable, Equatable {
    /// A name or an address.
    package var host: String
    package var port: Int
    /// The value of the `Host` header.
    package var authority: String
    /// Including the query.
    package var path: String
    /// Whether the connection is encrypted.
    package var isSecure: Bool

    package init(host: String, port: Int, authority: String, path: String, isSecure: Bool) {
        self.host = host
        self.port = port
        self.authority = authority
        self.path = path
        self.isSecure = isSecure
    }

    /// Identifies the servers that can share a connection.
    var address: String { "\(isSecure ? "s" : "")\(host):\(port)" }
}
