/// `odometer.limits`: limits on clients and series. Each stage takes the group that it applies.
package struct Limits: SettingGroup {
    package var decoding = DecodingLimits()
    package var labels = LabelLimits()
    package var state = StateLimits()
    package var retention = RetentionLimits()
    package var server = ServerLimits()
    package var pages = PageLimits()
    /// Bytes of all bodies in flight together, as sent and decompressed, over all receivers; beyond it the oldest
    /// incomplete ones get 503, then new ones.
    package var maxBodyMemory = 64 << 20

    package init() {}

    package static let keys: [Key<Limits>] =
        StateLimits.keys.map { $0.under(\.state) } + LabelLimits.keys.map { $0.under(\.labels) }
        + DecodingLimits.keys.map { $0.under(\.decoding) }
        + [.bytes("max_body_memory", \.maxBodyMemory, in: Ranges.memory)]
        + RetentionLimits.keys.map { $0.under(\.retention) } + ServerLimits.keys.map { $0.under(\.server) }
        + PageLimits.keys.map { $0.under(\.pages) }
}
