internal import NIOHTTP1

/// Whether an answer sends an export to another place, and whether it may go there.
///
/// 307 and 308 ask for the same request again. The others of the 300s make a POST a GET in most clients, which would lose
/// the export, so they are not followed.
enum Redirection: Equatable {
    /// Redirects that are followed for one export; as Go's client has it. 10.
    static let limit = 10

    /// The answer is one.
    case none
    case follow(HTTPServer)
    /// The reason, and what to do.
    case refused(Refusal)

    /// - Parameters:
    ///   - server: who answered.
    ///   - origin: whom the configuration names.
    ///   - hasHeaders: whether the configuration adds headers or credentials to what is sent.
    ///   - canEncrypt: whether something is there to encrypt with.
    init(of reply: HTTPResponseHead, from server: HTTPServer, origin: HTTPServer, hasHeaders: Bool, canEncrypt: Bool) {
        let status = reply.status.code
        guard [301, 302, 303, 307, 308].contains(status) else {
            self = .none
            return
        }
        guard let location = reply.headers.first(name: "location"),
            let target = HTTPServer(location: location, from: server)
        else {
            self = .refused(Refusal("HTTP \(status)", "HTTP \(status) without an address to go to"))
            return
        }
        func refused(_ reason: String) -> Redirection {
            .refused(Refusal("HTTP \(status)", "HTTP \(status) to \(target.place), \(reason)"))
        }
        if status < 307 {
            self = refused("which is not for exports; name that address in the endpoint if it is right")
        } else if server.isSecure, !target.isSecure {
            self = refused("which would not be encrypted")
        } else if target.isSecure, !canEncrypt {
            self = refused("which is encrypted; write https in the endpoint")
        } else if hasHeaders, !target.isHost(of: origin) {
            // Go's client leaves out Authorization and Cookie; other headers may be secrets too, or say whose data it is.
            self = refused("another host, for which headers and credentials are not meant")
        } else {
            self = .follow(target)
        }
    }
}

extension HTTPServer {
    /// Bytes of a host and its port: a name of DNS has at most 253. 260.
    private static let authorityLimit = 260

    /// Where a `Location` leads; nil for what is no address of HTTP.
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
        // A path that is relative to the one before, as `otlp/`, or another scheme: no server of OTLP says that.
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

    /// For messages: of bounded length, and without the query, which may hold secrets.
    fileprivate var place: String {
        ServerMessage.printable("http\(isSecure ? "s" : "")://\(authority)\(path.prefix { $0 != "?" })")
    }

    /// Whether this is a host that another one speaks for: itself, or one below its name.
    fileprivate func isHost(of origin: HTTPServer) -> Bool {
        let (name, other) = (host.lowercased(), origin.host.lowercased())
        // Nothing is below an address.
        let isAddress = other.contains(":") || other.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        return name == other || (!isAddress && name.hasSuffix("." + other))
    }
}
