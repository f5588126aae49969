internal import Settings

/// Reads the settings of exporters that send over a network: `headers`, `compression`, `timeout`, `tls`, `auth`.
struct ClientReader {
    static let keys =
        ["timeout", "sending_queue", "retry_on_failure", "endpoint", "tls", "auth", "headers", "compression"].map {
            KnownName($0)
        }
        + [KnownName("middlewares", .notSupportedYet())]
        + ["read_buffer_size", "write_buffer_size"].map {
            KnownName($0, .noEffect("buffers grow as needed"))
        }

    let section: Section
    let findings: Findings

    func read(into client: inout ClientConfig) {
        client.headers = headers()
        client.auth = section.section("auth").flatMap { AuthReader(section: $0, isHTTP: false).read() }
        client.tls = section.section("tls").map { TLSReader(section: $0, side: .client).read() }
        client.timeout = section.duration("timeout") ?? client.timeout
        if client.timeout == .zero {
            // The Collector has no time limit then; for a dead connection an hour has the same effect.
            client.timeout = .seconds(3600)
        }
        client.compression = compression() ?? client.compression
    }

    private func compression() -> Compression? {
        guard let text = section.text("compression"), let entry = section.entry("compression") else {
            return nil
        }
        if text.isEmpty {
            return Compression.none
        }
        guard let compression = Compression(rawValue: text) else {
            let words = Section.alternatives(Compression.allCases.map(\.rawValue))
            findings.mistake(
                entry.value.position, section.path.key("compression"),
                "\(quoted(text)) is not supported; write \(words)")
            return nil
        }
        return compression
    }

    /// From a mapping, or a list of names and values.
    private func headers() -> [ClientHeader] {
        guard let entry = section.entry("headers") else {
            return []
        }
        if case .sequence(let elements) = entry.value.content {
            return elements.enumerated().compactMap { index, element in
                let path = section.path.key("headers").index(index)
                guard let pair = Section(element, path: path, findings: findings) else {
                    return nil
                }
                pair.check([KnownName("name"), KnownName("value")])
                return header(pair.text("name") ?? "", pair.text("value") ?? "", at: element.position, path)
            }
        }
        guard let headers = section.section("headers") else {
            return []
        }
        return headers.entries.compactMap { entry in
            header(
                entry.key, entry.value.isNull ? "" : headers.text(entry.key) ?? "", at: entry.keyPosition,
                headers.path.key(entry.key))
        }
    }

    private func header(_ name: String, _ value: String, at position: SourcePosition, _ path: ConfigPath)
        -> ClientHeader?
    {
        guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(Self.isTokenByte) else {
            findings.mistake(position, path, "expected a header name such as X-Scope-OrgID, got \(quoted(name))")
            return nil
        }
        guard value.utf8.count <= 16 << 10, value.utf8.allSatisfy({ $0 == 9 || ($0 >= 0x20 && $0 != 0x7f) }) else {
            // The value may be a secret.
            findings.mistake(position, path, "the value has a line break or another control character; remove it")
            return nil
        }
        return ClientHeader(name: name, value: value)
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
