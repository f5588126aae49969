internal import Settings

/// Reads `cors` of a receiver (R-HTTP-27).
struct CORSReader {
    private static let keys = ["allowed_origins", "allowed_headers", "exposed_headers", "max_age"].map { KnownName($0) }
    /// Longer than any browser caches a response. Seconds.
    private static let maxAgeRange = 0...172_800

    let section: Section

    /// Nil if no origin is allowed: then requests of web pages get no answer that a browser lets them see.
    func read() -> CORSSettings? {
        section.check(Self.keys)
        let origins = texts("allowed_origins", isValid: isOrigin, form: "an origin such as https://*.example.com")
        let headers = texts("allowed_headers", isValid: isHeader, form: "a header such as X-Api-Key, or *")
        let exposed = texts("exposed_headers", isValid: isHeader, form: "a header such as X-Request-Id")
        let maxAge = section.integer("max_age", in: Self.maxAgeRange) ?? 0
        guard !origins.isEmpty else {
            return nil
        }
        return CORSSettings(
            allowedOrigins: origins, allowedHeaders: headers, exposedHeaders: exposed, maxAgeSeconds: maxAge)
    }

    private func texts(_ key: String, isValid: (String) -> Bool, form: String) -> [String] {
        let path = section.path.key(key)
        return (section.list(key) ?? []).enumerated().compactMap { index, node in
            guard let text = node.text, isValid(text) else {
                section.findings.mistake(
                    node.position, path.index(index), "expected \(form), got \(node.kind)")
                return nil
            }
            return text
        }
    }

    /// `*`, or printable ASCII without a path; one star within it.
    private func isOrigin(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return false
        }
        return text.utf8.filter { $0 == UInt8(ascii: "*") }.count <= 1 && !text.hasSuffix("/")
    }

    private func isHeader(_ text: String) -> Bool {
        let isToken = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return text == "*" || isToken && !text.isEmpty && text.utf8.count <= 256
    }
}
