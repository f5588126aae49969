/// An element of `odometer.writers`: how several writers of one series are combined.
package struct WriterRule: Equatable, Sendable {
    /// An OTLP metric name, `*` standing for any number of characters.
    package var metric: String
    package var mode: WriterMode

    package init(metric: String, mode: WriterMode) {
        self.metric = metric
        self.mode = mode
    }
}

/// The value of a series with several writers.
package enum WriterMode: String, Equatable, Sendable, CaseIterable {
    /// The sum over its writers.
    case sum
    /// The value of the newest point.
    case latest
}
