/// Reads what all exporters that send have: `sending_queue` and `retry_on_failure`.
struct SendingReader {
    private static let queueKeys: [KnownName] = [
        KnownName("enabled", .noEffect("has no effect: every export waits in a queue until it is delivered")),
        KnownName("num_consumers"), KnownName("queue_size"), KnownName("sizer"),
        KnownName(
            "block_on_overflow", .noEffect("has no effect: a full queue answers 503, and the client sends again")),
        KnownName("wait_for_result", .notSupportedYet(unless: ["false"])),
        KnownName("storage", .noEffect("has no effect: the queue is always on disk, below odometer.state.path")),
        KnownName("batch", .noEffect("has no effect: exports are passed on as they came")),
    ]

    private static let retryKeys = [
        "enabled", "initial_interval", "randomization_factor", "multiplier", "max_interval", "max_elapsed_time",
    ].map { KnownName($0) }

    private enum Sizer: String, CaseIterable {
        case requests
        case items
        case bytes
    }

    let section: Section

    func queue() -> SendingQueueConfig {
        var config = SendingQueueConfig()
        guard let queue = section.section("sending_queue") else {
            return config
        }
        queue.check(Self.queueKeys)
        config.consumers = queue.integer("num_consumers", in: 1...1000) ?? config.consumers
        let sizer = queue.choice("sizer", Sizer.self) ?? .requests
        switch sizer {
        case .requests: config.exportsLimit = queue.integer("queue_size", in: 1...1_000_000_000)
        case .items: config.itemsLimit = queue.integer("queue_size", in: 1...Int.max)
        case .bytes: config.bytesLimit = queue.byteCount("queue_size", in: 1...(1 << 50)) ?? config.bytesLimit
        }
        return config
    }

    func retry() -> RetryConfig {
        var config = RetryConfig()
        guard let retry = section.section("retry_on_failure") else {
            return config
        }
        retry.check(Self.retryKeys)
        config.isEnabled = retry.flag("enabled") ?? config.isEnabled
        config.initialInterval =
            retry.duration("initial_interval", atLeast: .milliseconds(1)) ?? config.initialInterval
        config.randomizationFactor =
            retry.decimal("randomization_factor", in: 0...1) ?? config.randomizationFactor
        config.multiplier = retry.decimal("multiplier", in: 1...1000) ?? config.multiplier
        config.maxInterval = retry.duration("max_interval", atLeast: .milliseconds(1)) ?? config.maxInterval
        if let elapsed = retry.duration("max_elapsed_time"), elapsed > .zero {
            config.maxElapsedTime = elapsed
        }
        return config
    }
}

extension Section {
    /// Whether a truth value is true, without telling what is wrong with it.
    func isSet(_ key: String) -> Bool {
        guard case .scalar(let text, .plain)? = entry(key)?.value.content else {
            return false
        }
        return YAMLScalars.flag(text) ?? false
    }
}
