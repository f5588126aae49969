import Settings
import Synchronization

@testable import Forward

/// Records the events of a forwarder, as short text.
final class EventRecorder: ForwardObserver {
    private let state = Mutex<[String]>([])
    var names: [String] { state.withLock { $0 } }

    func forward(_ event: ForwardEvent, exporter: String) {
        let name =
            switch event {
            case .failing: "failing"
            case .waiting(let exports, _, _, let reason): "waiting \(exports) \(reason)"
            case .recovered: "recovered"
            case .dropped(let reason, _, _, _): "dropped \(reason.rawValue)"
            case .partlyStored(_, _, let dropped, _): "partly stored \(dropped.map(String.init) ?? "unknown")"
            case .rejected(_, let records, _): "rejected \(records)"
            case .split: "split"
            case .queueFailed: "queue failed"
            }
        state.withLock { $0.append(name) }
    }
}

extension RetrySettings {
    /// The default settings, but with retries within milliseconds.
    /// - Parameters:
    ///   - interval: milliseconds before the first retry.
    ///   - limit: maximum milliseconds between two retries.
    static func fast(
        _ interval: Int = 1, upTo limit: Int = 2, _ change: (inout RetrySettings) -> Void = { _ in }
    ) -> RetrySettings {
        var settings = RetrySettings()
        settings.initialInterval = .milliseconds(interval)
        settings.maxInterval = .milliseconds(limit)
        change(&settings)
        return settings
    }
}
