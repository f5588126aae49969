/// An element of `odometer.writers`: how several writers of one series are taken together.
package struct WriterRule: Equatable, Sendable {
    /// A metric name as OTLP has it, `*` standing for any run of characters, none included.
    package var metric: String
    package var mode: WriterMode

    package init(metric: String, mode: WriterMode) {
        self.metric = metric
        self.mode = mode
    }
}

/// What a series with several writers shows.
package enum WriterMode: String, Equatable, Sendable, CaseIterable {
    /// The sum over its writers.
    case sum
    /// The value that came last.
    case latest
}
