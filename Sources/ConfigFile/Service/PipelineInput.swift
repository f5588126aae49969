package import Settings

/// One signal of one receiver on its way through a pipeline to an exporter.
package struct PipelineInput: Equatable, Sendable {
    /// The signal.
    package var signal: PipelineSignal
    /// The receiver as the configuration names it.
    package var receiver: String
    /// The `resource` and `attributes` processors on the way, in their order.
    package var processors: [AttributeProcessor]

    package init(signal: PipelineSignal, receiver: String, processors: [AttributeProcessor] = []) {
        self.signal = signal
        self.receiver = receiver
        self.processors = processors
    }
}
