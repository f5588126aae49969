internal import ConfigFile

/// The address of a request: `http://HOST:PORT/PATH`, or https.
struct WebAddress: Equatable, CustomStringConvertible {
    var isSecure = false
    var host: String
    var port: Int
    var path: String

    /// A local listener: if it listens on every address, loopback.
    init(_ endpoint: Endpoint, path: String, isSecure: Bool = false) {
        self.isSecure = isSecure
        host = Loopback.host(for: endpoint.host)
        port = endpoint.port
        self.path = path
    }

    /// Parses `http://HOST:PORT/PATH`, or https; scheme and path are optional.
    /// - Returns: nil for anything else.
    init?(parsing text: String, defaultPath: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        isSecure = text.hasPrefix("https://")
        let rest = isSecure ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : text[...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard let colon = authority.lastIndex(of: ":"), let port = Int(authority[authority.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        var host = authority[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains("@") else { return nil }
        self.host = String(host)
        self.port = port
        let given = rest[slash...]
        path = given.isEmpty || given == "/" ? defaultPath : String(given)
    }

    /// The value of the header `Host`.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    var description: String { "http\(isSecure ? "s" : "")://\(authority)\(path)" }
}
