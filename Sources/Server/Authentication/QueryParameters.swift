internal import Bytes

/// Reads the query parameters of `request_params`.
enum QueryParameters {
    /// The first value of a parameter for a header, unescaped; nil if the query has none.
    static func value(of header: String, among parameters: [String], in target: String) -> String? {
        guard let query = target.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        for pair in query.prefix(while: { $0 != "#" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(unescaped), parameters.contains(name),
                name.lowercased() == header.lowercased()
            else { continue }
            return parts.count > 1 ? unescaped(parts[1]) : ""
        }
        return nil
    }

    /// With `+` as a space and %XX as a byte; nil if it is malformed or not UTF-8.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                    let low = rest.popFirst().flatMap(Hexadecimal.value)
                else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
