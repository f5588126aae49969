/// `sending_queue` of an exporter: limits of its queue. All limits hold together; an empty queue takes any one export,
/// however large.
package struct SendingQueueSettings: SettingGroup {
    /// `queue_size` with `sizer: bytes`: bytes of bodies. With another sizer the default holds in addition.
    package var maxBytes = 256 << 20
    /// `queue_size` with `sizer: requests`, the Collector's default sizer: exports. Nil: any number.
    package var maxRequests: Int?
    /// `queue_size` with `sizer: items`: data points, log records and spans. Nil: any number.
    package var maxItems: Int?
    /// Exports sent at once.
    package var numConsumers = 10

    package init() {}

    package static let keys: [Key<SendingQueueSettings>] = [
        .count("num_consumers", \.numConsumers, in: 1...1000),
        // Sets the unit of `queue_size`, below.
        Key(name: "sizer") { _, _ in },
        Key(name: "queue_size") { queue, source in
            switch source.choice("sizer", Sizer.self) ?? .requests {
            case .requests: queue.maxRequests = source.integer("queue_size", in: 1...1_000_000_000)
            case .items: queue.maxItems = source.integer("queue_size", in: 1...Int.max)
            case .bytes: queue.maxBytes = source.byteCount("queue_size", in: 1...(1 << 50)) ?? queue.maxBytes
            }
        },
    ]

    private enum Sizer: String, CaseIterable {
        case requests
        case items
        case bytes
    }
}
