/// What the translation of streams into series may vary in, and its limits.
package struct TranslationSettings: Equatable, Sendable {
    /// Labels of one series that come from attributes of the point or the scope; those this module adds by itself
    /// (job, instance, scope name, version and schema URL) do not count. Default 64.
    package var labelLimit: Int
    /// Bytes of UTF-8 in one label value, before escaping; for every label, wherever it comes from. Default 4096.
    package var labelValueLimit: Int

    package init(labelLimit: Int = 64, labelValueLimit: Int = 4096) {
        self.labelLimit = labelLimit
        self.labelValueLimit = labelValueLimit
    }
}
