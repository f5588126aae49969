internal import Platform

/// An address to listen on, `HOST:PORT`.
package struct Endpoint: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// A host name, an IPv4 address, or an IPv6 address without its brackets. Empty: every interface, IPv4 and IPv6.
    package var host: String
    /// 0 lets the system choose a free port.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, IPv6 addresses in brackets.
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether both cannot be opened at once: the same port, on the same host or on every interface.
    package func clashes(with other: Endpoint) -> Bool {
        port == other.port && port != 0 && (host == other.host || isWildcard || other.isWildcard)
    }

    private var isWildcard: Bool {
        ["", "0.0.0.0", "::"].contains(host)
    }
}

/// Why a text is not an endpoint, with a suggestion.
struct MalformedEndpoint: Error, Equatable {
    let message: String
}

extension Endpoint {
    /// Reads `host:port`, `:port` or `[::1]:port`. Names of services instead of port numbers are not taken.
    init(parsing text: String, defaultPort: Int) throws(MalformedEndpoint) {
        if let scheme = ["http://", "https://", "grpc://", "tcp://"].first(where: text.hasPrefix) {
            throw MalformedEndpoint(
                message: "expected an address to listen on, got \(quoted(text)); write HOST:PORT without \(scheme)")
        }
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            let port = Self.port(Substring(text))
            let advice = port.map { "\":\($0)\"" } ?? "\(printable(text)):\(defaultPort)"
            throw MalformedEndpoint(
                message: port == nil
                    ? "\(quoted(text)) has no port; write \(advice)" : "\(quoted(text)) has no host; write \(advice)")
        }
        let host = try Self.host(String(text[..<colon]), of: text, defaultPort: defaultPort)
        let digits = text[text.index(after: colon)...]
        guard let port = Self.port(digits) else {
            throw MalformedEndpoint(
                message: "expected a port from 0 to 65535, as in \(printable(String(text[..<colon]))):\(defaultPort), "
                    + "got \(quoted(String(digits)))")
        }
        self.init(host: host, port: port)
    }

    private static func port(_ digits: Substring) -> Int? {
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(digits), port <= 65535
        else {
            return nil
        }
        return port
    }

    private static func host(_ host: String, of text: String, defaultPort: Int) throws(MalformedEndpoint) -> String {
        if host.hasPrefix("[") {
            let address = String(host.dropFirst().dropLast())
            guard host.hasSuffix("]"), isIPv6(address) else {
                throw MalformedEndpoint(
                    message: "\(quoted(host)) is not an IPv6 address; write [::1]:\(defaultPort)")
            }
            return address
        }
        guard !host.utf8.contains(UInt8(ascii: ":")) else {
            let advice = isIPv6(text) ? "[\(printable(text))]:\(defaultPort)" : "HOST:PORT"
            throw MalformedEndpoint(message: "\(quoted(text)) has more than one colon; write \(advice)")
        }
        guard host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte) else {
            throw MalformedEndpoint(
                message: "expected a host name or address such as localhost or 0.0.0.0, got \(quoted(host))")
        }
        return host
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// With or without a zone such as `%eth0`.
    private static func isIPv6(_ text: String) -> Bool {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, address.utf8.count < 64, !text.utf8.contains(0),
            parts.dropFirst().allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isHostByte) })
        else {
            return false
        }
        var parsed = in6_addr()
        return inet_pton(AF_INET6, String(address), &parsed) == 1
    }
}
