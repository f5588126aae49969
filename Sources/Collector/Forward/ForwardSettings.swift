internal import ConfigFile
internal import Forward
internal import NIOCore
internal import OTLP

// From what users write to what passes telemetry on.

extension QueueSettings {
    init(_ config: SendingQueueConfig, path: String?, syncInterval: Duration) {
        self.init(
            path: path, bytesLimit: config.bytesLimit, exportsLimit: config.exportsLimit,
            recordsLimit: config.itemsLimit, syncInterval: syncInterval)
    }
}

extension RetrySettings {
    init(_ config: RetryConfig, _ common: ForwardingConfig) {
        self.init()
        attemptsWhileOthersSucceed = common.attemptsWhileOthersSucceed
        reportInterval = common.reportInterval
        isEnabled = config.isEnabled
        initialInterval = config.initialInterval
        randomizationFactor = config.randomizationFactor
        multiplier = config.multiplier
        maxInterval = config.maxInterval
        maxElapsedTime = config.maxElapsedTime
    }
}

extension ForwardConfig {
    /// One for each export that may be on its way at once.
    func transports(on group: any EventLoopGroup, protection: ForwardProtection) -> [any ExportTransport] {
        let tls = protection.tls(of: name)
        let credentials = protection.credentials(of: name)
        switch target {
        case .http(let config):
            let destination = HTTPDestination(config, tls: tls, credentials: credentials)
            return (0..<queue.consumers).map { _ in HTTPTransport(to: destination, on: group) }
        case .grpc(let config):
            let destination = GRPCDestination(config, tls: tls, credentials: credentials)
            return (0..<queue.consumers).map { _ in GRPCTransport(to: destination, on: group) }
        // One: two writers of a file would meet.
        case .file(let config): return [FileTransport(to: FileDestination(config))]
        }
    }
}

extension HTTPDestination {
    init(_ config: OTLPHTTPExporterConfig, tls: ClientTLS?, credentials: ClientCredentials?) {
        var servers: [OTLP.Signal: HTTPServer] = [:]
        for signal in OTLP.Signal.allCases {
            guard let key = PipelineSignal(rawValue: signal.rawValue), let url = config.urls[key] else { continue }
            servers[signal] = HTTPServer(
                host: url.host, port: url.port, authority: url.authority, path: url.path, isSecure: url.isSecure)
        }
        let client = config.client
        self.init(
            servers: servers, headers: client.headers.map { ($0.name, $0.value) },
            compression: Compression(client.compression), timeout: client.timeout, tls: tls, credentials: credentials)
    }
}

extension GRPCDestination {
    init(_ config: OTLPGRPCExporterConfig, tls: ClientTLS?, credentials: ClientCredentials?) {
        let client = config.client
        self.init(
            host: config.url.host, port: config.url.port, authority: config.url.authority,
            headers: client.headers.map { ($0.name, $0.value) }, compression: Compression(client.compression),
            timeout: client.timeout, tls: tls, credentials: credentials)
    }
}

extension FileDestination {
    init(_ config: FileExporterConfig) {
        self.init(
            path: config.path, format: config.format == .json ? .json : .protobuf, appends: config.appends,
            rotation: config.rotation.map {
                Rotation(
                    bytesLimit: $0.megabytes * 1_000_000, ageLimit: $0.days * 86_400, backupsLimit: $0.backups)
            })
    }
}

extension Compression {
    init(_ compression: ClientCompression) {
        switch compression {
        case .none: self = .none
        case .gzip: self = .gzip
        case .zstd: self = .zstd
        }
    }
}
