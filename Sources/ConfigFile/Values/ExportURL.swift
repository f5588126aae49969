/// The URL of an exporter's destination.
package struct ExportURL: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// Whether the connection uses TLS.
    package var isSecure: Bool
    /// A host name, an IPv4 address, or an IPv6 address without its brackets. Never empty.
    package var host: String
    /// 1 to 65535.
    package var port: Int
    /// Begins with a slash; with the query, without a fragment.
    package var path: String

    package init(isSecure: Bool, host: String, port: Int, path: String = "/") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
    }

    /// The URL without its query.
    package var description: String { "http\(isSecure ? "s" : "")://\(authority)\(path.prefix { $0 != "?" })" }

    /// The value of the `Host` header, without a default port.
    package var authority: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
    }

    /// The same with segments added to its path.
    package func appending(_ path: String) -> ExportURL {
        var url = self
        let query = self.path.firstIndex(of: "?") ?? self.path.endIndex
        var base = self.path[..<query]
        while base.last == "/" { base.removeLast() }
        url.path = base + path + self.path[query...]
        return url
    }
}

extension ExportURL {
    /// Reads `http://host:port/path`.
    init(parsing text: String) throws(MalformedEndpoint) {
        let example = "write a URL such as http://loki:3100/otlp"
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            let isOther = text.contains("://")
            throw MalformedEndpoint(
                message: isOther || text.isEmpty
                    ? "\(quoted(text)) is not an HTTP URL; \(example)"
                    : "\(quoted(text)) has no scheme; write http://\(printable(text)) or https://\(printable(text))")
        }
        let isSecure = scheme == "https://"
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw MalformedEndpoint(
                message: "has a user name before the host; write the URL without it and a header Authorization")
        }
        let path = rest.dropFirst(authority.count)
        guard path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), path.utf8.count <= 2048 else {
            throw MalformedEndpoint(
                message: "\(quoted(text)) has a blank or a special character in its path; \(example)")
        }
        let (host, port) = try Self.hostAndPort(
            String(authority), of: text, defaultPort: isSecure ? 443 : 80, example: example)
        self.init(
            isSecure: isSecure, host: host, port: port, path: path.hasPrefix("/") ? String(path) : "/" + path)
    }

    /// Parses `host:port` as gRPC clients do, with or without a scheme.
    init(parsingTarget text: String, isSecure: Bool) throws(MalformedEndpoint) {
        let example = "write HOST:PORT such as tempo:4317"
        var target = Substring(text)
        var isSecure = isSecure
        for (scheme, secure) in [("http://", false), ("https://", true), ("dns:///", isSecure)]
        where target.hasPrefix(scheme) {
            target = target.dropFirst(scheme.count)
            isSecure = secure
        }
        guard !target.contains("/"), !target.contains("@") else {
            throw MalformedEndpoint(message: "\(quoted(text)) is not the address of a gRPC server; \(example)")
        }
        let (host, port) = try Self.hostAndPort(String(target), of: text, defaultPort: nil, example: example)
        self.init(isSecure: isSecure, host: host, port: port)
    }

    private static func hostAndPort(
        _ authority: String, of text: String, defaultPort: Int?, example: String
    ) throws(MalformedEndpoint) -> (String, Int) {
        let hasPort = authority.hasSuffix("]") ? false : authority.contains(":")
        guard let port = defaultPort ?? (hasPort ? 0 : nil) else {
            throw MalformedEndpoint(message: "\(quoted(text)) has no port; \(example)")
        }
        let endpoint = try Endpoint(parsing: hasPort ? authority : "\(authority):\(port)", defaultPort: 4318)
        guard !endpoint.host.isEmpty, endpoint.port > 0 else {
            throw MalformedEndpoint(message: "\(quoted(text)) has no host or no port; \(example)")
        }
        return (endpoint.host, endpoint.port)
    }
}
