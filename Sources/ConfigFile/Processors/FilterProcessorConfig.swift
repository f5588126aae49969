package import Patterns

/// One `processors.filter`: the metrics that it removes from the pipeline.
package struct FilterProcessorConfig: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    /// The condition on the name of a dropped metric, as the client sends it.
    package var drops: TextCondition

    package init(name: String, drops: TextCondition) {
        self.name = name
        self.drops = drops
    }
}
