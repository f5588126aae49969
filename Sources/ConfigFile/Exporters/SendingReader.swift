internal import Settings

/// Reads the settings of all exporters that send: `sending_queue` and `retry_on_failure`.
struct SendingReader {
    private static let queueKeys: [KnownName] = [
        KnownName("enabled", .noEffect("every export waits in a queue until it is delivered")),
        KnownName(
            "block_on_overflow", .noEffect("a full queue refuses with 503, and the client retries")),
        KnownName("wait_for_result", .notSupportedYet(unless: ["false"])),
        KnownName("storage", .noEffect("the queue is always on disk, below odometer.state.path")),
        KnownName("batch", .noEffect("exports are forwarded unchanged")),
    ]

    let section: Section

    func queue() -> SendingQueueSettings {
        var settings = SendingQueueSettings()
        section.section("sending_queue")?.read(into: &settings, besides: Self.queueKeys)
        return settings
    }

    func retry() -> RetrySettings {
        section.group("retry_on_failure") ?? RetrySettings()
    }
}

extension Section {
    /// Whether a truth value is true; mistakes are not reported.
    func isSet(_ key: String) -> Bool {
        guard case .scalar(let text, .plain)? = entry(key)?.value.content else {
            return false
        }
        return YAMLScalars.flag(text) ?? false
    }
}
