/// How long, and in how much memory, state is kept that may no longer be needed.
package struct RetentionLimits: SettingGroup {
    /// How long a series must be idle before it may be evicted at the limit, and a writer before it may be folded into the
    /// total of its series, nanoseconds.
    package var evictAfter: UInt64 = 24 * 3600 * 1_000_000_000
    /// Bytes of the windows that identify duplicates, of all series of an exporter; the oldest are forgotten first.
    package var maxWindowsMemory = 64 << 20

    package init() {}

    package static let keys: [Key<RetentionLimits>] = [
        .nanoseconds("evict_after", \.evictAfter),
        .bytes("max_windows_memory", \.maxWindowsMemory, in: Ranges.memory),
    ]
}
