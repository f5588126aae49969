/// The values of each label so far, so that events cannot create an unlimited number of series.
struct LabelValues: Sendable {
    /// What a label shows instead of a value beyond the limits.
    static let overflow = Array("other".utf8)

    /// Values a label may have. See `EventMetricsSettings.maxLabelValues`.
    let limit: Int
    /// Bytes of a value. See `EventSettings.labelValueLengthLimit`.
    let lengthLimit: Int
    /// Hashes, by label.
    private var known: [Set<UInt64>]

    init(labels: Int, limit: Int, lengthLimit: Int) {
        self.limit = limit
        self.lengthLimit = lengthLimit
        known = [Set<UInt64>](repeating: [], count: labels)
    }

    /// Whether the label may show this value.
    mutating func admits(_ value: UnsafeRawBufferPointer, for label: Int) -> Bool {
        guard value.count <= lengthLimit else { return false }
        let hash = ByteHash.of(value)
        if known[label].contains(hash) { return true }
        guard known[label].count < limit else { return false }
        known[label].insert(hash)
        return true
    }
}
