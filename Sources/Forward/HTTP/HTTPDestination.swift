package import OTLP
package import Settings

/// Where exports are sent over HTTP, and how.
package struct HTTPDestination: Sendable {
    /// Where each signal goes; a signal without a server is not sent.
    package var servers: [Signal: HTTPServer]
    /// Sent with every export; names in any letter case.
    package var headers: [(name: String, value: String)]
    /// Who we are; nil: nobody is told, but for `headers`.
    package var credentials: ClientCredentials?
    package var compression: Compression
    /// Time for one attempt, from connecting to the last byte of the answer. Default 30 s.
    package var timeout: Duration
    /// How long a connection may lie idle before it is not used again. Default 90 s.
    package var idleLimit: Duration
    /// Encrypts the connections to servers that want it; there if one does.
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

    /// Whether something is sent that not everybody may see.
    var hasHeaders: Bool { !headers.isEmpty || credentials != nil }
}

/// One server, and what is asked of it.
package struct HTTPServer: Sendable, Equatable {
    /// A name or an address.
    package var host: String
    package var port: Int
    /// What the `Host` header says.
    package var authority: String
    /// With the query.
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

    /// Servers that one connection leads to.
    var address: String { "\(isSecure ? "s" : "")\(host):\(port)" }
}
