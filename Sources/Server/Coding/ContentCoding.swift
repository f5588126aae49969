/// A coding of a request body that `Content-Encoding` can name (RFC 9110, 8.4.1; R-HTTP-10, R-HTTP-11).
enum ContentCoding: Equatable, Sendable {
    /// One or several gzip members (RFC 1952).
    case gzip
    /// The zlib format (RFC 1950).
    case zlib
    /// The zlib format by the standard, raw deflate (RFC 1951) from many clients: the first byte shows which.
    case deflate
    /// One or several Zstandard frames (RFC 8878).
    case zstd

    /// How many codings a body may have. More are only useful for attacks.
    static let sequenceLimit = 2

    /// Appends the codings that a `Content-Encoding` value lists, in the order they were applied, `identity` left out.
    /// - Throws: `unsupportedContentCoding` with the unknown name, or the whole value if it names too many.
    static func append(_ value: String, to codings: inout [ContentCoding]) throws(ServerRefusal) {
        for element in value.split(separator: ",") {
            let name = element.trimmingOptionalWhitespace
            if name.isEmpty || name.equalsIgnoringASCIICase("identity") { continue }
            guard let coding = ContentCoding(name: name) else { throw .unsupportedContentCoding(String(name)) }
            guard codings.count < sequenceLimit else { throw .unsupportedContentCoding(value) }
            codings.append(coding)
            // A few bytes of zstd can stand for megabytes, so it is not supported in an inner stage without a limit.
            guard codings.count == 1 || !codings.contains(.zstd) else { throw .unsupportedContentCoding(value) }
        }
    }

    private init?(name: Substring) {
        if name.equalsIgnoringASCIICase("gzip") || name.equalsIgnoringASCIICase("x-gzip") {
            self = .gzip
        } else if name.equalsIgnoringASCIICase("deflate") {
            self = .deflate
        } else if name.equalsIgnoringASCIICase("zlib") {
            self = .zlib
        } else if name.equalsIgnoringASCIICase("zstd") {
            self = .zstd
        } else {
            return nil
        }
    }

    /// Whether a body of this coding can begin with a byte.
    func canBegin(with byte: UInt8) -> Bool {
        switch self {
        case .gzip: byte == 0x1F
        // The method and a window of at most 32 KiB.
        case .zlib: byte & 0x8F == 0x08
        // Raw deflate begins with anything.
        case .deflate: true
        // A frame, or one to be skipped.
        case .zstd: byte == 0x28 || byte & 0xF0 == 0x50
        }
    }

    /// Its name in messages.
    var name: String {
        switch self {
        case .gzip: "gzip"
        case .zlib: "zlib"
        case .deflate: "deflate"
        case .zstd: "zstd"
        }
    }
}
