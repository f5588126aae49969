package import Settings

/// One exporter that passes telemetry on: where to, and what it keeps until then.
package struct ForwardConfig: Equatable, Sendable {
    /// The exporter as the configuration names it.
    package var name: String
    package var target: ForwardTarget
    package var queue = SendingQueueSettings()
    package var retry = RetrySettings()
    /// What the pipelines bring here.
    package var inputs: [PipelineInput] = []

    package init(name: String, target: ForwardTarget) {
        self.name = name
        self.target = target
    }
}

extension ForwardConfig {
    /// How it sends over a network; nil: it does not.
    package var client: ClientConfig? {
        switch target {
        case .http(let config): config.client
        case .grpc(let config): config.client
        case .file: nil
        }
    }
}

/// Where an exporter sends.
package enum ForwardTarget: Equatable, Sendable {
    /// `otlphttp`, `otlp_http`.
    case http(OTLPHTTPExporterConfig)
    /// `otlp`, `otlp_grpc`.
    case grpc(OTLPGRPCExporterConfig)
    /// `file`.
    case file(FileExporterSettings)
}
