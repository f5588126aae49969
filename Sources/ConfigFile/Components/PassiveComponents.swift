/// Processors and extensions that are accepted and have no effect. Their settings are read, so that mistakes that the
/// Collector would report are reported here, too.
enum PassiveComponents {
    private static let batch = [
        "timeout", "send_batch_size", "send_batch_max_size", "metadata_keys", "metadata_cardinality_limit",
    ]
    /// The Collector's default.
    private static let defaultBatchSize = 8192
    private static let deltaToCumulative = ["max_stale", "max_streams"]

    /// Reports the mistakes of a component of this kind; others are ignored.
    static func check(_ component: DefinedComponent, _ findings: Findings) {
        let keys: [String]
        switch component.id.type {
        case "batch": keys = batch
        case "deltatocumulative": keys = deltaToCumulative
        default: return
        }
        guard let section = component.section(findings) else { return }
        section.check(keys.map { KnownName($0) })
        for key in ["timeout", "max_stale"] where keys.contains(key) { _ = section.duration(key) }
        let numbers = ["send_batch_size", "send_batch_max_size", "metadata_cardinality_limit", "max_streams"]
        var values: [String: Int] = [:]
        for key in numbers where keys.contains(key) {
            values[key] = section.integer(key, in: 0...Int(UInt32.max))
        }
        // As in the Collector; 0 is no limit.
        if let limit = values["send_batch_max_size"], let entry = section.entry("send_batch_max_size"), limit > 0 {
            let size = values["send_batch_size"] ?? defaultBatchSize
            guard limit < size else { return }
            findings.mistake(
                entry.value.position, section.path.key(entry.key),
                "is less than send_batch_size, which is \(size); write \(size) or more")
        }
    }
}
