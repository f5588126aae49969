internal import ConfigFile
internal import Credentials
internal import Forward

/// TLS and credentials of exporters, created before anything is opened: if they cannot be set up, the start fails.
struct ForwardProtection {
    /// What is reloaded while the collector runs.
    private(set) var reloads: [CredentialReload] = []

    private var tls: [String: ClientTLS] = [:]
    private var credentials: [String: ClientCredentials] = [:]

    /// Reads certificates and keys: this blocks.
    /// - Throws: what is wrong, with the line of the setting.
    init(_ config: AppConfig) throws(ConfigFailure) {
        var mistakes: [ConfigFinding] = []
        for exporter in config.forward {
            guard let client = exporter.client else { continue }
            do throws(ConfigFinding) {
                if exporter.isSecure {
                    let made = try Self.tls(of: exporter, client)
                    tls[exporter.name] = made
                    if let config = client.tls, let interval = config.reloadInterval {
                        reloads.append(
                            CredentialReload(name: config.path, interval: interval, watched: nil) { try made.reload() })
                    }
                }
                if let auth = client.auth,
                    let extensionConfig = config.authenticators.first(where: { $0.name == auth.authenticator })
                {
                    credentials[exporter.name] = try credentials(of: extensionConfig)
                }
            } catch {
                mistakes.append(error)
            }
        }
        guard mistakes.isEmpty else { throw ConfigFailure(mistakes: mistakes) }
    }

    /// Nil: no credentials.
    func credentials(of exporter: String) -> ClientCredentials? { credentials[exporter] }

    /// Nil: no TLS.
    func tls(of exporter: String) -> ClientTLS? { tls[exporter] }

    private static func tls(of exporter: ForwardConfig, _ client: ClientConfig) throws(ConfigFinding) -> ClientTLS {
        do throws(TLSFault) {
            return try ClientTLS(
                client.tls.map(TLSSettings.init) ?? TLSSettings(), protocols: exporter.protocols,
                verifiesServer: !(client.tls?.skipsVerification ?? false), serverName: client.tls?.serverName)
        } catch {
            throw client.tls?.finding(error)
                ?? ConfigFinding(position: nil, path: "exporters.\(exporter.name)", message: error.message)
        }
    }

    private mutating func credentials(of config: AuthenticatorConfig) throws(ConfigFinding) -> ClientCredentials? {
        switch config.kind {
        // The configuration was checked: this one is for listeners.
        case .basic(.server): return nil
        case .basic(.client(let client)):
            let user = try Self.text(client.usernameFile) ?? client.username
            let password = try Self.text(client.passwordFile) ?? client.password
            let header = ClientCredentials.basic(user: user, password: password)
            return ClientCredentials(name: "Authorization") { header }
        case .bearer(let bearer):
            let tokens = try bearer.read(&reloads)
            return ClientCredentials(name: bearer.header) { tokens.headerValue }
        }
    }

    /// The content of a file, without surrounding white space.
    private static func text(_ config: SecretFileConfig?) throws(ConfigFinding) -> String? {
        guard let config else { return nil }
        let content = try config.read { path throws(CredentialFault) in try CredentialFile.bytes(of: path) }
        let bytes = content.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }
        return String(decoding: Array(bytes.reversed()), as: UTF8.self)
    }
}

extension ForwardConfig {
    fileprivate var isSecure: Bool {
        switch target {
        case .http(let config): config.urls.values.contains(where: \.isSecure)
        case .grpc(let config): config.url.isSecure
        case .file: false
        }
    }

    fileprivate var protocols: [String] {
        if case .grpc = target { return ["h2"] }
        return ["http/1.1"]
    }
}
