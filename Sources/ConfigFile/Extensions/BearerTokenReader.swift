/// Reads one `extensions.bearertokenauth`.
struct BearerTokenReader {
    private static let keys =
        ["scheme", "token", "tokens", "filename", "header"].map { KnownName($0) }
        + ["retry_on_failure", "file_retry", "wait_for_token_file"].map {
            KnownName($0, .noEffect("the file must exist at the start"))
        }

    let component: DefinedComponent
    let findings: Findings

    /// Nil after a mistake, which is in the findings.
    func read() -> BearerTokenConfig? {
        let known = findings.mistakes.count + findings.omittedCount
        let section = component.section(findings)
        section?.check(Self.keys)
        let file = section?.secretFile("filename")
        let single = section?.text("token") ?? ""
        let list = section.map { tokens(in: $0) } ?? []
        guard let section, file != nil || !single.isEmpty || !list.isEmpty else {
            if findings.mistakes.count + findings.omittedCount == known {
                findings.mistake(
                    component.position, component.path, "has no token; write token: TEXT or filename: PATH")
            }
            return nil
        }
        if !single.isEmpty, !list.isEmpty, let entry = section.entry("tokens") {
            findings.mistake(
                entry.value.position, section.path.key("tokens"), "token is set too; write only one of them")
        }
        if let file, !single.isEmpty || !list.isEmpty {
            findings.note(
                file.position, section.path.key("filename"), "token and tokens have no effect: filename is set")
        }
        var config = BearerTokenConfig(
            scheme: section.text("scheme") ?? "Bearer",
            tokens: file != nil ? [] : single.isEmpty ? list : [single], file: file)
        if let header = section.text("header"), !header.isEmpty {
            config.header = header
        }
        check(config, in: section)
        return config
    }

    private func tokens(in section: Section) -> [String] {
        (section.list("tokens") ?? []).enumerated().compactMap { index, node in
            guard let text = node.text, !text.isEmpty else {
                let kind = node.text == nil ? node.kind : "an empty text"
                findings.mistake(
                    node.position, section.path.key("tokens").index(index), "expected a token, got \(kind)")
                return nil
            }
            return text
        }
    }

    /// With a value that a header cannot contain, every request would be refused.
    private func check(_ config: BearerTokenConfig, in section: Section) {
        let isName = config.header.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        if !isName, let entry = section.entry("header") {
            findings.mistake(
                entry.value.position, section.path.key("header"),
                "expected a header name such as Authorization, got \(quoted(config.header))")
        }
        for key in ["token", "tokens", "scheme"] {
            guard let entry = section.entry(key) else {
                continue
            }
            let texts = key == "scheme" ? [config.scheme] : config.tokens
            if texts.contains(where: { $0.utf8.contains { $0 < 0x20 || $0 == 0x7f } }) {
                findings.mistake(
                    entry.value.position, section.path.key(key),
                    "has a line break or another control character; remove it")
            }
        }
    }
}
