internal import NIOCore
internal import NIOHPACK

/// What the head of a call says, as far as gRPC gives it a meaning (gRPC over HTTP/2, "Requests").
package struct UnaryHead: Sendable {
    /// `/SERVICE/METHOD`.
    package let path: String
    /// All of it, pseudo headers included.
    private let headers: HPACKHeaders
    /// Not POST: what it is instead.
    let wrongMethod: String?
    /// Whether the content type is gRPC's with protobuf in it.
    let isGRPC: Bool
    /// How messages with the compressed flag are coded.
    let coding: MessageCoding
    /// The client's answer may be gzip.
    let acceptsGzip: Bool
    /// The time the client gives the call, or nil for any. A malformed one is `.malformed`.
    let timeout: CallTimeout

    /// - Parameter headers: as HTTP/2 validates them: names in lower case, pseudo headers there.
    init(_ headers: HPACKHeaders) {
        var path = ""
        var method = ""
        var isGRPC = false
        var coding = MessageCoding.identity
        var acceptsGzip = false
        var timeout = CallTimeout.none
        for (name, value, _) in headers {
            // By length first: most headers are none of these.
            switch name.utf8.count {
            case 5 where name == ":path": path = value
            case 7 where name == ":method": method = value
            case 12 where name == "content-type": isGRPC = Self.isGRPC(value)
            case 12 where name == "grpc-timeout": timeout = CallTimeout(value)
            case 13 where name == "grpc-encoding": coding = MessageCoding(name: value)
            case 20 where name == "grpc-accept-encoding": acceptsGzip = acceptsGzip || Self.listsGzip(value)
            default: break
            }
        }
        self.path = path
        self.headers = headers
        wrongMethod = method == "POST" ? nil : method
        self.isGRPC = isGRPC
        self.coding = coding
        self.acceptsGzip = acceptsGzip
        self.timeout = timeout
    }

    /// The first value of a header; the name in lower case.
    package func first(_ name: String) -> String? { headers.first(name: name) }

    private static func isGRPC(_ value: String) -> Bool {
        // Nearly all clients write it like this.
        if value == "application/grpc" { return true }
        let name = value.prefix { $0 != ";" }.trimmingOptionalWhitespace
        return name.equalsIgnoringASCIICase("application/grpc")
            || name.equalsIgnoringASCIICase("application/grpc+proto")
    }

    private static func listsGzip(_ value: String) -> Bool {
        value.split(separator: ",").contains { $0.trimmingOptionalWhitespace.equalsIgnoringASCIICase("gzip") }
    }
}
