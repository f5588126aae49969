internal import ConfigFile
internal import Logging
internal import NIOCore
internal import OTLP
internal import Server

/// A collector that runs: its listeners and what stands behind them, from a configuration to the last answer.
final class RunningCollector: Sendable {
    /// The port of each listener by component name (`otlp`, `prometheus`, `telemetry`), as the system gave it.
    let ports: [String: Int]

    private let eventLoop: any EventLoop
    private let listeners: [HTTPListener]
    private let maintenance: RepeatedTask
    private let observer: CollectorObserver

    private init(
        eventLoop: any EventLoop, listeners: [HTTPListener], maintenance: RepeatedTask, observer: CollectorObserver
    ) {
        self.eventLoop = eventLoop
        self.listeners = listeners
        self.maintenance = maintenance
        self.observer = observer
        ports = Dictionary(listeners.map { ($0.name, $0.port) }) { first, _ in first }
    }

    /// Opens everything the configuration asks for, pages before receivers: who can export can be scraped.
    ///
    /// The future fails with `ListenError` when an address cannot be had; nothing is left open then.
    /// - Parameter group: serves all listeners; the caller's to shut down, after `drain`.
    static func start(
        _ config: CollectorConfig, on group: any EventLoopGroup, clock: any WallClock = SystemClock(), log: Logger
    ) -> EventLoopFuture<RunningCollector> {
        let eventLoop = group.next()
        let parts = CollectorParts(config, clock: clock, log: log)
        let started = parts.services.reduce(eventLoop.makeSucceededFuture([HTTPListener]())) { before, next in
            before.flatMap { listeners in
                HTTPListener.bind(next.settings, on: group, service: next.service).map { listener in
                    log.info(
                        "listening", metadata: ["listener": "\(listener.name)", "address": "\(listener.address)"])
                    return listeners + [listener]
                }.flatMapError { error in
                    drain(listeners, until: .now(), on: eventLoop).flatMapThrowing { throw error }
                }
            }
        }
        return started.map { listeners in
            let maintenance = eventLoop.scheduleRepeatedTask(initialDelay: .minutes(1), delay: .minutes(1)) { _ in
                for store in parts.stores { store.series.maintain(at: clock.now()) }
                MemoryTuning.trim()
            }
            return RunningCollector(
                eventLoop: eventLoop, listeners: listeners, maintenance: maintenance, observer: parts.observer)
        }
    }

    /// Stops accepting, answers what has arrived, and ends; what takes longer than `grace` is cut off (R-LIFE-04).
    func drain(within grace: Duration) -> EventLoopFuture<Void> {
        maintenance.cancel()
        return Self.drain(listeners, until: .now() + TimeAmount(grace), on: eventLoop).map {
            self.observer.logRepetitions()
        }
    }

    private static func drain(
        _ listeners: [HTTPListener], until deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(listeners.map { $0.drain(until: deadline) }, on: eventLoop)
    }
}
