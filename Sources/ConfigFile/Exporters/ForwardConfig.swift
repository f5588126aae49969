package import Settings

/// One exporter that forwards: its destination and its queue.
package struct ForwardConfig: Equatable, Sendable {
    /// The exporter as the configuration names it.
    package var name: String
    package var target: ForwardTarget
    package var queue = SendingQueueSettings()
    package var retry = RetrySettings()
    /// Its inputs from pipelines.
    package var inputs: [PipelineInput] = []

    package init(name: String, target: ForwardTarget) {
        self.name = name
        self.target = target
    }
}

extension ForwardConfig {
    /// Its client settings; nil: it does not send over a network.
    package var client: ClientConfig? {
        switch target {
        case .http(let config): config.client
        case .grpc(let config): config.client
        case .file: nil
        }
    }
}

/// The destination of an exporter.
package enum ForwardTarget: Equatable, Sendable {
    /// `otlphttp`, `otlp_http`.
    case http(OTLPHTTPExporterConfig)
    /// `otlp`, `otlp_grpc`.
    case grpc(OTLPGRPCExporterConfig)
    /// `file`.
    case file(FileExporterSettings)
}
