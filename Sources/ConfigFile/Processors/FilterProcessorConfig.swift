package import Patterns

/// One `processors.filter`: which metrics do not reach what comes after it in the pipeline.
package struct FilterProcessorConfig: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    /// What the name of a metric that is dropped fulfils, as the client sends it.
    package var drops: TextCondition

    package init(name: String, drops: TextCondition) {
        self.name = name
        self.drops = drops
    }
}
