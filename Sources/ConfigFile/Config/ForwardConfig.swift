/// One exporter that passes telemetry on: where to, and what it keeps until then.
package struct ForwardConfig: Equatable, Sendable {
    /// The exporter as the configuration names it.
    package var name: String
    package var target: ForwardTarget
    package var queue = SendingQueueConfig()
    package var retry = RetryConfig()
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
    case file(FileExporterConfig)
}

/// One signal of one receiver on its way through a pipeline to an exporter.
package struct PipelineInput: Equatable, Sendable {
    /// The signal as pipelines name it.
    package var signal: PipelineSignal
    /// The receiver as the configuration names it.
    package var receiver: String
    /// The `resource` and `attributes` processors on the way, in their order.
    package var processors: [AttributeProcessorConfig]

    package init(signal: PipelineSignal, receiver: String, processors: [AttributeProcessorConfig] = []) {
        self.signal = signal
        self.receiver = receiver
        self.processors = processors
    }
}

/// `sending_queue`: what waits to be sent. Each limit holds beside the others.
package struct SendingQueueConfig: Equatable, Sendable {
    /// `queue_size` with `sizer: bytes`: bytes of bodies. Default 256 MiB, also with another sizer.
    package var bytesLimit = 256 << 20
    /// `queue_size` with `sizer: requests`, the Collector's default sizer. Nil: any number.
    package var exportsLimit: Int?
    /// `queue_size` with `sizer: items`: data points, log records and spans. Nil: any number.
    package var itemsLimit: Int?
    /// `num_consumers`: exports on their way at once. Default 10.
    package var consumers = 10

    package init() {}
}

/// `retry_on_failure`.
package struct RetryConfig: Equatable, Sendable {
    /// `enabled`. Default true.
    package var isEnabled = true
    /// `initial_interval`. Default 5 s.
    package var initialInterval: Duration = .seconds(5)
    /// `randomization_factor`, 0 to 1. Default 0.5.
    package var randomizationFactor = 0.5
    /// `multiplier`, at least 1. Default 1.5.
    package var multiplier = 1.5
    /// `max_interval`. Default 30 s.
    package var maxInterval: Duration = .seconds(30)
    /// `max_elapsed_time`; 0 is for ever. Default (nil): for ever, unlike the Collector's 5 minutes, since the queue is
    /// bounded and on disk.
    package var maxElapsedTime: Duration?

    package init() {}
}
