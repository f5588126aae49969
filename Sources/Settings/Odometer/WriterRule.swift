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

/// How the total of a cumulative counter comes from its writers.
package enum WriterMode: String, Equatable, Sendable, CaseIterable {
    /// The total is the sum over the writers: processes that count side by side.
    case sum
    /// The total is the newest value of any writer: totals of a host that carry the start of the process that reads them.
    case latest
}
