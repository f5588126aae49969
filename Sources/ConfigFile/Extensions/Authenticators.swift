/// The extensions that authenticate, and the check that every `auth` refers to one.
struct Authenticators {
    private static let types: Set<String> = ["basicauth", "bearertokenauth"]

    private let configs: [AuthenticatorConfig]
    private let defined: [ComponentID]
    private let used: Set<ComponentID>
    private let findings: Findings

    /// - Parameters:
    ///   - extensions: all that are defined; unused ones are read as well, since a mistake in them is a mistake, too.
    ///   - used: the content of `service.extensions`.
    init(_ extensions: [DefinedComponent], used: [ComponentID], findings: Findings) {
        configs = extensions.compactMap { component in
            switch component.id.type {
            case "basicauth":
                BasicAuthReader(component: component, findings: findings).read().map {
                    AuthenticatorConfig(name: component.id.description, kind: .basic($0))
                }
            case "bearertokenauth":
                BearerTokenReader(component: component, findings: findings).read().map {
                    AuthenticatorConfig(name: component.id.description, kind: .bearer($0))
                }
            default: nil
            }
        }
        defined = extensions.map(\.id)
        self.used = Set(used)
        self.findings = findings
    }

    /// Those that are used.
    var running: [AuthenticatorConfig] {
        configs.filter { config in used.contains { $0.description == config.name } }
    }

    /// Reports why the authenticator of a listener cannot be used for it, if so: the collector does not start then.
    func checkServer(_ auth: AuthConfig?) {
        guard let auth, check(auth, role: "a listener") else { return }
        guard case .basic(.client)? = configs.first(where: { $0.name == auth.authenticator })?.kind else { return }
        mistake(
            auth,
            "\(quoted(auth.authenticator)) has client_auth, which is for exporters; write an extension with htpasswd"
        )
    }

    /// Reports why the authenticator of an exporter has no credentials to send, if so.
    func checkClient(_ auth: AuthConfig?) {
        guard let auth, check(auth, role: "an exporter") else { return }
        guard case .basic(.server)? = configs.first(where: { $0.name == auth.authenticator })?.kind else { return }
        mistake(
            auth,
            "\(quoted(auth.authenticator)) has htpasswd, which is for listeners; write an extension with client_auth")
    }

    /// Whether the authenticator exists, is used and is of a supported type.
    private func check(_ auth: AuthConfig, role: String) -> Bool {
        guard let id = defined.first(where: { $0.description == auth.authenticator }) else {
            let known = defined.filter { Self.types.contains($0.type) }.map(\.description).sorted()
            let advice =
                known.isEmpty ? "define it under extensions" : suggestion(for: auth.authenticator, in: known)
            mistake(auth, "the extension \(quoted(auth.authenticator)) is not defined; \(advice)")
            return false
        }
        guard Self.types.contains(id.type) else {
            // One that is not supported was already reported.
            if case .read? = ComponentCategory.extensions.types[id.type]?.standing {
                mistake(
                    auth, "\(quoted(auth.authenticator)) is not an authenticator; write a basicauth or bearertokenauth")
            }
            return false
        }
        guard used.contains(id) else {
            mistake(
                auth,
                "\(quoted(auth.authenticator)) is not in service.extensions; add it there")
            return false
        }
        return true
    }

    private func mistake(_ auth: AuthConfig, _ message: String) {
        findings.mistake(ConfigFinding(position: auth.position, path: auth.path, message: message))
    }
}
