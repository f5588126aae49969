/// One `processors.memory_limiter`: the resident memory above which metrics exports are refused.
package struct MemoryLimiterConfig: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    /// `check_interval`: how often memory is measured. At least 10 ms.
    package var checkInterval: Duration
    /// `limit_mib` or, without it, `limit_percentage`.
    package var limit: MemoryAmount
    /// `spike_limit_mib` or `spike_limit_percentage`: exports are refused this far below the limit. Nil: a fifth of it.
    package var spike: MemoryAmount?

    package init(name: String, checkInterval: Duration, limit: MemoryAmount, spike: MemoryAmount? = nil) {
        self.name = name
        self.checkInterval = checkInterval
        self.limit = limit
        self.spike = spike
    }

    /// The resident bytes above which exports are refused. Never negative.
    /// - Parameter total: the memory that this process may have, bytes.
    package func softLimit(ofTotal total: Int) -> Int {
        let limit = limit.bytes(ofTotal: total)
        let spike = spike?.bytes(ofTotal: total) ?? limit / 5
        return max(0, limit - spike)
    }
}

/// An amount of memory.
package enum MemoryAmount: Equatable, Sendable {
    case bytes(Int)
    /// 1 to 100, of the memory that the process may have.
    case percentage(Int)

    /// - Parameter total: the memory that this process may have, bytes.
    package func bytes(ofTotal total: Int) -> Int {
        switch self {
        case .bytes(let bytes): bytes
        case .percentage(let percentage): max(0, total) / 100 * percentage
        }
    }
}
