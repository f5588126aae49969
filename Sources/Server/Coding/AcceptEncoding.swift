internal import NIOHTTP1

/// What `Accept-Encoding` says about gzip (RFC 9110, 12.5.3).
enum AcceptEncoding {
    /// Whether the client takes gzip: named with a weight above 0, or not named and `*` has one.
    static func takesGzip(_ headers: HTTPHeaders) -> Bool {
        var any: Bool?
        for (name, value) in headers where name.equalsIgnoringASCIICase("accept-encoding") {
            for element in value.split(separator: ",") {
                let parts = element.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
                let coding = parts[0].trimmingOptionalWhitespace
                let isTaken = parts.count < 2 || !hasZeroWeight(parts[1])
                if coding.equalsIgnoringASCIICase("gzip") || coding.equalsIgnoringASCIICase("x-gzip") { return isTaken }
                if coding.equalsIgnoringASCIICase("*") { any = isTaken }
            }
        }
        return any ?? false
    }

    /// Whether the parameters hold `q=0`, `q=0.0` and so on.
    private static func hasZeroWeight(_ parameters: Substring) -> Bool {
        for parameter in parameters.split(separator: ";") {
            let text = parameter.trimmingOptionalWhitespace
            guard text.utf8.count > 2, text.prefix(2).equalsIgnoringASCIICase("q=") else { continue }
            return text.dropFirst(2).utf8.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
        }
        return false
    }
}
