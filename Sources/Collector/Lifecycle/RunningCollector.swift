internal import ConfigFile
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Server

/// A collector that runs: its listeners and what stands behind them, from a configuration to the last answer.
///
/// One event loop serves all listeners; see docs/architecture.md.
final class RunningCollector: Sendable {
    /// The port of each listener by component name (`otlp`, `prometheus`, `telemetry`), as the system gave it.
    let ports: [String: Int]

    private let group: MultiThreadedEventLoopGroup
    private let listeners: [HTTPListener]
    private let maintenance: RepeatedTask

    private init(group: MultiThreadedEventLoopGroup, listeners: [HTTPListener], maintenance: RepeatedTask) {
        self.group = group
        self.listeners = listeners
        self.maintenance = maintenance
        ports = Dictionary(listeners.map { ($0.name, $0.port) }) { first, _ in first }
    }

    /// Opens everything the configuration asks for; scrapes are answered before exports are taken.
    /// - Throws: `ListenError` when an address cannot be had; nothing is left open then.
    static func start(
        _ config: CollectorConfig, clock: any WallClock = SystemClock(), log: Logger
    ) async throws -> RunningCollector {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let parts = CollectorParts(config, clock: clock, log: log)
        var listeners: [HTTPListener] = []
        do {
            for (settings, service) in parts.services {
                let listener = try await HTTPListener.start(settings, on: group, service: service)
                log.info("listening", metadata: ["listener": "\(listener.name)", "address": "\(listener.address)"])
                listeners.append(listener)
            }
        } catch {
            for listener in listeners { try? await listener.drain(until: .now()).get() }
            try? await group.shutdownGracefully()
            throw error
        }
        let maintenance = group.next().scheduleRepeatedTask(initialDelay: .minutes(1), delay: .minutes(1)) { _ in
            for store in parts.stores { store.series.maintain(at: clock.now()) }
        }
        return RunningCollector(group: group, listeners: listeners, maintenance: maintenance)
    }

    /// Stops accepting, answers what has arrived, and ends; requests that take longer than `grace` are cut off
    /// (R-LIFE-04).
    func drain(within grace: Duration) async {
        maintenance.cancel()
        let deadline = NIODeadline.now() + TimeAmount(grace)
        for listener in listeners { try? await listener.drain(until: deadline).get() }
        try? await group.shutdownGracefully()
    }
}
