internal import NIOHTTP1

/// Whether a response redirects an export, and whether the redirect may be followed.
///
/// 307 and 308 ask for the same request again. For other 3xx most clients turn the POST into a GET, which would lose
/// the export, so they are not followed.
enum Redirection: Equatable {
    /// Redirects that are followed for one export; as in Go's client. 10.
    static let limit = 10

    /// Not a redirect.
    case none
    case follow(HTTPServer)
    /// Not followed: the reason, and what to do.
    case refused(Refusal)

    /// - Parameters:
    ///   - server: the server that responded.
    ///   - origin: the server in the configuration.
    ///   - hasHeaders: whether the configuration adds headers or credentials to requests.
    ///   - canEncrypt: whether TLS is available.
    init(of reply: HTTPResponseHead, from server: HTTPServer, origin: HTTPServer, hasHeaders: Bool, canEncrypt: Bool) {
        let status = reply.status.code
        guard [301, 302, 303, 307, 308].contains(status) else {
            self = .none
            return
        }
        guard let location = reply.headers.first(name: "location"),
            let target = HTTPServer(location: location, from: server)
        else {
            self = .refused(Refusal("HTTP \(status)", "HTTP \(status) without a valid Location"))
            return
        }
        func refused(_ reason: String) -> Redirection {
            .refused(Refusal("HTTP \(status)", "HTTP \(status) to \(target.place), \(reason)"))
        }
        if status < 307 {
            self = refused("which does not apply to exports; if it is right, set it as the endpoint")
        } else if server.isSecure, !target.isSecure {
            self = refused("which would not be encrypted")
        } else if target.isSecure, !canEncrypt {
            self = refused("which is encrypted; write https in the endpoint")
        } else if hasHeaders, !target.isHost(of: origin) {
            // Go's client leaves out Authorization and Cookie; other headers may be secret too, or identify a tenant.
            self = refused("another host, which must not get headers and credentials")
        } else {
            self = .follow(target)
        }
    }
}

extension HTTPServer {
    /// Bytes of a host and its port: a name of DNS has at most 253. 260.
    private static let authorityLimit = 260

    /// The server that a `Location` names; nil if it is not an http or https address.
    init?(location: String, from server: HTTPServer) {
        guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let text = location.prefix { $0 != "#" }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        var rest: Substring
        switch scheme {
        case "http" where text.dropFirst(4).hasPrefix("://"), "https" where text.dropFirst(5).hasPrefix("://"):
            self = server
            isSecure = scheme == "https"
            rest = text.dropFirst(scheme.count + 3)
        case _ where text.hasPrefix("//"):
            self = server
            rest = text.dropFirst(2)
        case _ where text.hasPrefix("/"):
            self = server
            path = String(text)
            return
        // A relative path such as `otlp/`, or another scheme: OTLP servers do not use these.
        default: return nil
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard takeAuthority(rest[..<end]) else { return nil }
        rest = rest[end...]
        path = rest.hasPrefix("/") ? String(rest) : "/" + rest
    }

    private mutating func takeAuthority(_ text: Substring) -> Bool {
        guard text.utf8.count <= Self.authorityLimit else { return false }
        var name = text
        port = isSecure ? 443 : 80
        let hasPort = text.last != "]" && text.contains(":")
        if hasPort, let colon = text.lastIndex(of: ":") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return false }
            port = Int(number)
            name = text[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") {
            name = name.dropFirst().dropLast()
            guard name.contains(":") else { return false }
        } else if name.contains(where: { ":[]".contains($0) }) {
            return false
        }
        guard !name.isEmpty, !name.contains("@") else { return false }
        host = name.lowercased()
        authority = String(text)
        return true
    }

    /// For messages: of bounded length, and without the query, which may contain secrets.
    fileprivate var place: String {
        ServerMessage.printable("http\(isSecure ? "s" : "")://\(authority)\(path.prefix { $0 != "?" })")
    }

    /// Whether this host is the other one or a subdomain of it.
    fileprivate func isHost(of origin: HTTPServer) -> Bool {
        let (name, other) = (host.lowercased(), origin.host.lowercased())
        // An address has no subdomains.
        let isAddress = other.contains(":") || other.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        return name == other || (!isAddress && name.hasSuffix("." + other))
    }
}
