/// One signal of one receiver that a pipeline leads to an exporter.
package struct PipelineInput: Equatable, Sendable {
    /// The signal.
    package var signal: PipelineSignal
    /// The receiver as the configuration names it.
    package var receiver: String
    /// The `resource` and `attributes` processors of the pipeline, in their order.
    package var processors: [AttributeProcessorConfig]

    package init(signal: PipelineSignal, receiver: String, processors: [AttributeProcessorConfig] = []) {
        self.signal = signal
        self.receiver = receiver
        self.processors = processors
    }
}
