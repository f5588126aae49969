internal import NIOHTTP1

/// What `Accept-Encoding` says about gzip (RFC 9110, 12.5.3; R-HTTP-20, R-NEG-09).
enum AcceptEncoding {
    /// Whether gzip is acceptable, by name or else by `*`, and not less preferred than no coding. Of a coding that is
    /// named twice the first one is used.
    static func takesGzip(_ headers: HTTPHeaders) -> Bool {
        var gzip: Int?
        var wildcard: Int?
        var identity: Int?
        for (name, value) in headers where name.equalsIgnoringASCIICase("accept-encoding") {
            for element in value.split(separator: ",") {
                let parts = element.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
                let coding = parts[0].trimmingOptionalWhitespace
                let weight = parts.count < 2 ? fullWeight : weight(in: parts[1])
                if coding.equalsIgnoringASCIICase("gzip") || coding.equalsIgnoringASCIICase("x-gzip") {
                    gzip = gzip ?? weight
                } else if coding.equalsIgnoringASCIICase("identity") {
                    identity = identity ?? weight
                } else if coding.equalsIgnoringASCIICase("*") {
                    wildcard = wildcard ?? weight
                }
            }
        }
        let weight = gzip ?? wildcard ?? 0
        return weight > 0 && weight >= identity ?? 0
    }

    /// Weights are counted in thousandths.
    private static let fullWeight = 1000

    /// The parameter `q`; full if missing, 0 if it is invalid.
    private static func weight(in parameters: Substring) -> Int {
        for parameter in parameters.split(separator: ";") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].trimmingOptionalWhitespace.equalsIgnoringASCIICase("q") else { continue }
            return weight(of: parts[1].trimmingOptionalWhitespace)
        }
        return fullWeight
    }

    /// `0` to `1` with up to three digits after the point.
    private static func weight(of text: Substring) -> Int {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count > 1 ? parts[1] : ""
        guard parts[0] == "0" || parts[0] == "1", digits.utf8.count <= 3 else { return 0 }
        var thousandths = 0
        for position in 0..<3 {
            let digit = digits.utf8.dropFirst(position).first ?? UInt8(ascii: "0")
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return 0 }
            thousandths = thousandths * 10 + Int(digit - UInt8(ascii: "0"))
        }
        let whole = parts[0] == "1" ? fullWeight : 0
        return whole + thousandths <= fullWeight ? whole + thousandths : 0
    }
}
