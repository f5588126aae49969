internal import ConfigFile
internal import Credentials
internal import Logging
internal import Server

/// TLS and authentication of listeners, created before anything listens: if they cannot be set up, the start fails.
struct Protection {
    /// What is reloaded while the collector runs.
    private(set) var reloads: [CredentialReload] = []

    /// By the key path of `tls`.
    private var contexts: [String: TLSContextSource] = [:]
    /// By the name of the extension.
    private var authenticators: [String: any Authenticator] = [:]

    /// Reads all files. Blocks.
    /// - Throws: every mistake in them, with the line that names the file.
    init(_ config: AppConfig, log: Logger) throws(ConfigFailure) {
        var mistakes: [ConfigFinding] = []
        for (tls, protocols) in Self.listeners(of: config) {
            do throws(TLSFault) {
                let source = try TLSContextSource(TLSSettings(tls), protocols: protocols)
                contexts[tls.path] = source
                reloads += CredentialReload.all(of: tls, source)
            } catch {
                mistakes.append(tls.finding(error))
            }
        }
        for config in config.authenticators {
            do throws(ConfigFinding) {
                try add(config, log: log)
            } catch {
                mistakes.append(error)
            }
        }
        guard mistakes.isEmpty else { throw ConfigFailure(mistakes: mistakes) }
    }

    /// The TLS context of a listener with this `tls`.
    func context(of tls: TLSConfig?) -> TLSContextSource? {
        guard let tls else { return nil }
        guard let context = contexts[tls.path] else { preconditionFailure("nothing was made of \(tls.path)") }
        return context
    }

    /// The service behind the authentication of its listener.
    func guarded(_ service: any HTTPService, by auth: AuthConfig?) -> any HTTPService {
        guard let auth else { return service }
        return AuthenticatedService(authenticator(of: auth), parameters: auth.requestParameters, before: service)
    }

    /// The same for gRPC.
    func guarded(_ service: any GRPCService, by auth: AuthConfig?) -> any GRPCService {
        guard let auth else { return service }
        return AuthenticatedCalls(authenticator(of: auth), before: service)
    }

    private func authenticator(of auth: AuthConfig) -> any Authenticator {
        guard let authenticator = authenticators[auth.authenticator] else {
            preconditionFailure("nothing was made of the extension \(auth.authenticator)")
        }
        return authenticator
    }

    private static func listeners(of config: AppConfig) -> [(tls: TLSConfig, protocols: [String])] {
        let http =
            config.otlpHTTP.map(\.tls) + config.prometheus.map(\.tls) + config.healthChecks.map(\.tls)
        return http.compactMap { $0 }.map { ($0, ["http/1.1"]) }
            + config.otlpGRPC.compactMap(\.tls).map { ($0, ["h2"]) }
    }

    private mutating func add(_ config: AuthenticatorConfig, log: Logger) throws(ConfigFinding) {
        switch config.kind {
        // For exporters.
        case .basic(.client): break
        case .basic(.server(let htpasswd)):
            authenticators[config.name] = BasicAuthenticator(try Self.table(htpasswd, log: log))
        case .bearer(let bearer):
            authenticators[config.name] = BearerAuthenticator(
                header: bearer.header, scheme: bearer.scheme, tokens: try bearer.read(&reloads))
        }
    }

    private static func table(_ config: HtpasswdConfig, log: Logger) throws(ConfigFinding) -> PasswordTable {
        var table = PasswordTable()
        if let file = config.file {
            table.add(
                try file.read { path throws(CredentialFault) in try CredentialFile.bytes(of: path) }, name: file.file)
        }
        if let inline = config.inline { table.add(Array(inline.utf8), name: config.path) }
        for remark in table.remarks { log.warning("\(remark)") }
        guard !table.isEmpty else {
            let reason = table.remarks.first.map { "; \($0)" } ?? ""
            throw ConfigFinding(
                position: config.position, path: config.path,
                message: "has no valid line user:password\(reason)")
        }
        return table
    }
}

extension SecretFileConfig {
    /// What `body` makes of the file.
    /// - Throws: its fault, with the line that names the file.
    func read<Content>(_ body: (String) throws(CredentialFault) -> Content) throws(ConfigFinding) -> Content {
        do throws(CredentialFault) {
            return try body(file)
        } catch {
            throw ConfigFinding(position: position, path: path, message: error.message)
        }
    }
}

extension BearerTokenConfig {
    /// The tokens.
    /// - Parameter reloads: takes their reload, if they are in a file.
    func read(_ reloads: inout [CredentialReload]) throws(ConfigFinding) -> BearerTokens {
        guard let file else { return BearerTokens(scheme: scheme, tokens: tokens) }
        let read = try file.read { path throws(CredentialFault) in try BearerTokens(scheme: scheme, path: path) }
        reloads.append(.tokens(read, file: file.file))
        return read
    }
}

extension TLSSettings {
    init(_ config: TLSConfig) {
        self.init(
            certificate: config.certificate.map(Material.init), key: config.key.map(Material.init),
            trusted: config.trusted.map(Material.init), addsSystemRoots: config.addsSystemRoots,
            minimumVersion: Version(config.minimumVersion), maximumVersion: Version(config.maximumVersion),
            cipherSuites: config.cipherSuites, curves: config.curves)
    }
}

extension TLSSettings.Material {
    init(_ material: TLSConfig.Material) {
        switch material.content {
        case .file(let path): self = .file(path)
        case .text(let text): self = .text(text)
        }
    }
}

extension TLSSettings.Version {
    init(_ version: ConfigFile.TLSVersion) {
        switch version {
        case .v10: self = .v10
        case .v11: self = .v11
        case .v12: self = .v12
        case .v13: self = .v13
        }
    }
}

extension TLSConfig {
    /// A TLS error with its position in the configuration.
    func finding(_ fault: TLSFault) -> ConfigFinding {
        let material =
            switch fault.part {
            case .certificate: certificate
            case .key: key
            case .trusted: trusted
            case .cipherSuites, .curves, .versions, .all: TLSConfig.Material?.none
            }
        return ConfigFinding(
            position: material?.position ?? position, path: material?.path ?? path, message: fault.message)
    }
}
