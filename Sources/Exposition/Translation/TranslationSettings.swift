package import Patterns
package import Settings

/// Settings and limits of the translation of streams into series.
package struct TranslationSettings: Equatable, Sendable {
    package var labels: LabelLimits
    /// Prefix of every name, UTF-8 as the user wrote it. Default: none.
    package var namespace: [UInt8] = []
    /// Whether unit and type are added to names (R-NAME-14). Default true.
    package var addsSuffixes = true
    /// Whether characters beyond Prometheus' classic ones stay in the names of families and labels: the formats then
    /// quote or escape them, as the scraper requests (R-NAME-14). Default false: they become underscores.
    package var keepsUTF8 = false
    /// Labels that are added to every series (R-LAB-11), but not to target_info.
    package var constantLabels = ConstantLabels()
    /// Whether series carry their scope's name, version, schema URL and attributes (R-LAB-09). Default true.
    package var showsScope = true
    /// Attributes of the resource that become labels of the series (R-LAB-12). Default none.
    package var resourceAttributes = CopiedResourceAttributes.none
    /// Changes of attributes before anything else, in order. Default none.
    package var processors: [AttributeProcessor] = []
    /// The source attributes of the labels of event metrics. Default: the attributes of the same names.
    package var eventLabels = EventLabels()
    /// Which labels are shown, left out or hashed, by their final names; constant labels are always shown. Default: all
    /// are shown unchanged.
    package var labelPolicy = LabelPolicy()
    /// Metrics that are not shown and whose points do not count, by the name as received. Default none.
    package var droppedMetrics = TextCondition.any([])
    /// Resources that become a target_info. Default: as in the Collector.
    package var targetInfo = TargetInfoPolicy.collector

    package init(labels: LabelLimits = LabelLimits()) {
        self.labels = labels
    }

    /// Whether labels may be left out or differ from their attributes.
    package var changesLabels: Bool { !processors.isEmpty || !labelPolicy.isEmpty }
}
