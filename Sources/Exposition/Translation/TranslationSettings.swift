package import Patterns
package import Settings

/// What the translation of streams into series may vary in, and its limits.
package struct TranslationSettings: Equatable, Sendable {
    package var labels: LabelLimits
    /// What stands before every name, UTF-8 as the user wrote it. Default: none.
    package var namespace: [UInt8] = []
    /// Whether unit and type are added to names (R-NAME-14). Default true.
    package var addsSuffixes = true
    /// Whether characters beyond Prometheus' classic ones stay in the names of families and labels: the formats then
    /// quote or escape them, as the scraper asks (R-NAME-14). Default false: they become underscores.
    package var keepsUTF8 = false
    /// Labels that every series gets (R-LAB-11); target_info does not.
    package var constantLabels = ConstantLabels()
    /// Whether series carry their scope's name, version, schema URL and attributes (R-LAB-09). Default true.
    package var showsScope = true
    /// Which attributes of the resource the series get as labels (R-LAB-12). Default none.
    package var resourceAttributes = CopiedResourceAttributes.none
    /// Changes to attributes before anything else, in their order. Default none.
    package var processors: [AttributeProcessor] = []
    /// Where the labels of metrics that are made of events come from. Default: from the attributes of their own names.
    package var eventLabels = EventLabels()
    /// Which labels are shown, left out or hashed, by their names in the end; constant labels are always shown. Default:
    /// all as they are.
    package var labelPolicy = LabelPolicy()
    /// The metrics that are not shown and whose points do not count, by the name as received. Default none.
    package var droppedMetrics = TextCondition.any([])
    /// Which resources become a target_info. Default: as in the Collector.
    package var targetInfo = TargetInfoPolicy.collector

    package init(labels: LabelLimits = LabelLimits()) {
        self.labels = labels
    }

    /// Whether labels may be left out or have other values than their attributes.
    package var changesLabels: Bool { !processors.isEmpty || !labelPolicy.isEmpty }
}
