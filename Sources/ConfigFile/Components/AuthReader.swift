/// Reads `auth` of a listener (the Collector's configauth). `Authenticators` checks whether its authenticator exists.
struct AuthReader {
    /// Query parameters that may replace headers. 16.
    private static let parameterLimit = 16

    let section: Section
    /// HTTP has queries, gRPC has none.
    let isHTTP: Bool

    /// Nil after a mistake, which is in the findings.
    func read() -> AuthConfig? {
        section.check([KnownName("authenticator")] + (isHTTP ? [KnownName("request_params")] : []))
        guard let entry = section.entry("authenticator") else {
            section.findings.mistake(
                section.position, section.path,
                "authenticator is missing; write the name of an extension such as basicauth")
            return nil
        }
        guard let text = section.text("authenticator") else {
            return nil
        }
        let path = section.path.key("authenticator")
        guard let id = ComponentID(text) else {
            section.findings.mistake(
                entry.value.position, path, "expected the name of an extension such as basicauth, got \(quoted(text))")
            return nil
        }
        return AuthConfig(
            authenticator: id.description, requestParameters: isHTTP ? parameters() : [],
            position: entry.value.position, path: path.description)
    }

    private func parameters() -> [String] {
        let nodes = section.list("request_params") ?? []
        if nodes.count > Self.parameterLimit {
            section.findings.mistake(
                section.position, section.path.key("request_params"),
                "more than \(Self.parameterLimit) parameters; remove some")
        }
        return nodes.enumerated().compactMap { index, node in
            guard let text = node.text, !text.isEmpty else {
                section.findings.mistake(
                    node.position, section.path.key("request_params").index(index),
                    "expected the name of a parameter, got \(node.kind)")
                return nil
            }
            return text
        }
    }
}
