internal import ConfigFile
internal import Forward
internal import NIOCore
internal import OTLP
internal import Settings

// Converts configuration types to those of `Forward`.

extension ForwardConfig {
    /// One for each export that may be sent at once.
    func transports(on group: any EventLoopGroup, protection: ForwardProtection) -> [any ExportTransport] {
        let tls = protection.tls(of: name)
        let credentials = protection.credentials(of: name)
        switch target {
        case .http(let config):
            let destination = HTTPDestination(config, tls: tls, credentials: credentials)
            return (0..<queue.numConsumers).map { _ in HTTPTransport(to: destination, on: group) }
        case .grpc(let config):
            let destination = GRPCDestination(config, tls: tls, credentials: credentials)
            return (0..<queue.numConsumers).map { _ in GRPCTransport(to: destination, on: group) }
        // One: two writers of a file would conflict.
        case .file(let config): return [FileTransport(to: config)]
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
            compression: client.compression, timeout: client.timeout, tls: tls, credentials: credentials)
    }
}

extension GRPCDestination {
    init(_ config: OTLPGRPCExporterConfig, tls: ClientTLS?, credentials: ClientCredentials?) {
        let client = config.client
        self.init(
            host: config.url.host, port: config.url.port, authority: config.url.authority,
            headers: client.headers.map { ($0.name, $0.value) }, compression: client.compression,
            timeout: client.timeout, tls: tls, credentials: credentials)
    }
}
