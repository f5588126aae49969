internal import NIOCore
internal import NIOHPACK

/// The head of a call, as far as gRPC defines it (gRPC over HTTP/2, "Requests").
package struct GRPCHead: Sendable {
    /// `/SERVICE/METHOD`.
    package let path: String
    /// All of it, pseudo headers included, until `dropHeaders`.
    private var headers: HPACKHeaders
    /// The method, if it is not POST.
    let wrongMethod: String?
    /// Whether the content type is gRPC's with protobuf.
    let isGRPC: Bool
    /// The coding of messages with the compressed flag.
    let coding: MessageCoding
    /// The response may be compressed with gzip.
    let acceptsGzip: Bool
    /// Bytes of all names and values.
    let byteCount: Int
    /// The client's timeout for the call, or nil without one. A malformed one is `.malformed`.
    let timeout: CallTimeout

    /// - Parameter headers: as validated by HTTP/2: names in lower case, pseudo headers present.
    init(_ headers: HPACKHeaders) {
        var path = ""
        var method = ""
        var isGRPC = false
        var coding = MessageCoding.identity
        var acceptsGzip = false
        var timeout = CallTimeout.none
        var byteCount = 0
        for (name, value, _) in headers {
            byteCount += name.utf8.count + value.utf8.count
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
        self.byteCount = byteCount
        self.timeout = timeout
    }

    /// Releases the headers: `first` finds none from now on.
    mutating func dropHeaders() { headers = [:] }

    /// The first value of a header; the name in lower case.
    package func first(_ name: String) -> String? { headers.first(name: name) }

    private static func isGRPC(_ value: String) -> Bool {
        // The usual spelling.
        if value == "application/grpc" { return true }
        let name = value.prefix { $0 != ";" }.trimmingOptionalWhitespace
        return name.equalsIgnoringASCIICase("application/grpc")
            || name.equalsIgnoringASCIICase("application/grpc+proto")
    }

    private static func listsGzip(_ value: String) -> Bool {
        value.split(separator: ",").contains { $0.trimmingOptionalWhitespace.equalsIgnoringASCIICase("gzip") }
    }
}
