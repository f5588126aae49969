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

/// How the total of a cumulative counter is computed from its writers.
package enum WriterMode: String, Equatable, Sendable, CaseIterable {
    /// The sum over the writers: processes that count side by side.
    case sum
    /// The newest value of any writer: totals of a host, with the start time of the process that reads them.
    case latest
}
