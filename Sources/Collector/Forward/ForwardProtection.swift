internal import ConfigFile
internal import Credentials
internal import Forward

/// What encrypts the connections of exporters, made before anything is opened: a start that cannot protect what it
/// passes on ends there.
struct ForwardProtection {
    private let tls: [String: ClientTLS]

    /// Reads certificates and keys: this blocks.
    /// - Throws: what is wrong, with the line of the setting.
    init(_ config: CollectorConfig) throws(ConfigFailure) {
        var tls: [String: ClientTLS] = [:]
        var mistakes: [ConfigFinding] = []
        for exporter in config.forward where exporter.isSecure {
            guard let client = exporter.client else { continue }
            let settings = client.tls.map(TLSSettings.init(client:)) ?? TLSSettings()
            do throws(TLSFault) {
                tls[exporter.name] = try ClientTLS(
                    settings, protocols: exporter.protocols, verifiesServer: !(client.tls?.skipsVerification ?? false),
                    serverName: client.tls?.serverName)
            } catch {
                mistakes.append(
                    ConfigFinding(
                        position: client.tls?.position, path: client.tls?.path ?? "exporters.\(exporter.name).tls",
                        message: error.message))
            }
        }
        guard mistakes.isEmpty else { throw ConfigFailure(mistakes: mistakes) }
        self.tls = tls
    }

    /// nil: nothing of this exporter is encrypted.
    func tls(of exporter: String) -> ClientTLS? { tls[exporter] }
}

extension ForwardConfig {
    fileprivate var client: ClientConfig? {
        switch target {
        case .http(let config): config.client
        case .grpc(let config): config.client
        case .file: nil
        }
    }

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

extension TLSSettings {
    fileprivate init(client config: TLSConfig) {
        func material(_ material: TLSConfig.Material?) -> Material? {
            switch material?.content {
            case .file(let path): .file(path)
            case .text(let text): .text(text)
            case nil: nil
            }
        }
        func version(_ version: TLSVersion) -> Version {
            switch version {
            case .v10: .v10
            case .v11: .v11
            case .v12: .v12
            case .v13: .v13
            }
        }
        self.init(
            certificate: material(config.certificate), key: material(config.key), trusted: material(config.trusted),
            addsSystemRoots: config.addsSystemRoots, minimumVersion: version(config.minimumVersion),
            maximumVersion: version(config.maximumVersion), cipherSuites: config.cipherSuites, curves: config.curves)
    }
}
