internal import ConfigFile
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Server

/// A collector that runs: its listeners and what stands behind them, from a configuration to the last answer.
final class RunningCollector: Sendable {
    /// The port of each listener by component name (`otlp`, `otlp grpc`, `prometheus`, `telemetry`), as the system gave it.
    let ports: [String: Int]

    private let eventLoop: any EventLoop
    private let listeners: [HTTPListener]
    private let tasks: [RepeatedTask]
    private let state: StateDirectory?
    private let observer: CollectorObserver
    private let forgetRequests: ForgetRequests?

    private init(
        eventLoop: any EventLoop, listeners: [HTTPListener], tasks: [RepeatedTask], state: StateDirectory?,
        observer: CollectorObserver, forgetRequests: ForgetRequests?
    ) {
        self.eventLoop = eventLoop
        self.listeners = listeners
        self.tasks = tasks
        self.state = state
        self.observer = observer
        self.forgetRequests = forgetRequests
        ports = Dictionary(listeners.map { ($0.name, $0.port) }) { first, _ in first }
    }

    /// Opens everything the configuration asks for, pages before receivers: who can export can be scraped.
    ///
    /// What the state directory holds is recovered before; the call waits for that. The future fails with `ListenError`
    /// when an address cannot be had, with `StateFailure` when the directory cannot be used; nothing is left open then.
    /// - Parameter group: serves all listeners; the caller's to shut down, after `drain`.
    static func start(
        _ config: CollectorConfig, on group: any EventLoopGroup, clock: any WallClock = SystemClock(), log: Logger
    ) -> EventLoopFuture<RunningCollector> {
        let eventLoop = group.next()
        let parts: CollectorParts
        do throws(StateFailure) {
            parts = try CollectorParts(config, clock: clock, log: log, on: eventLoop)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let started = parts.services.reduce(eventLoop.makeSucceededFuture([HTTPListener]())) { before, next in
            before.flatMap { listeners in
                HTTPListener.bind(next.settings, on: group, serving: next.served).map { listener in
                    log.info(
                        "listening", metadata: ["listener": "\(listener.name)", "address": "\(listener.address)"])
                    return listeners + [listener]
                }.flatMapError { error in
                    drain(listeners, until: .now(), on: eventLoop).flatMap { close(parts.state, on: eventLoop) }
                        .flatMapThrowing { throw error }
                }
            }
        }
        return started.map { listeners in
            let maintenance = eventLoop.scheduleRepeatedTask(initialDelay: .minutes(1), delay: .minutes(1)) { _ in
                for store in parts.stores { store.series.maintain(at: clock.now()) }
                MemoryTuning.trim()
            }
            let forgetRequests = parts.state.map {
                ForgetRequests(
                    stores: parts.stores, state: $0, directory: config.state.path, clock: clock, log: log)
            }
            let interval = TimeAmount(config.state.checkpointInterval)
            let checkpoints = parts.state.map { state in
                eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                    forgetRequests?.take()
                    state.checkpoint()
                }
            }
            return RunningCollector(
                eventLoop: eventLoop, listeners: listeners, tasks: [maintenance] + [checkpoints].compactMap { $0 },
                state: parts.state, observer: parts.observer, forgetRequests: forgetRequests)
        }
    }

    /// Does what `odometer forget` asks for, if it does.
    func takeForgetRequest() {
        eventLoop.execute { self.forgetRequests?.take() }
    }

    /// Stops accepting, answers what has arrived, writes the state, and ends; requests that take longer than `grace` are
    /// cut off (R-LIFE-04).
    func drain(within grace: Duration) -> EventLoopFuture<Void> {
        for task in tasks { task.cancel() }
        return Self.drain(listeners, until: .now() + TimeAmount(grace), on: eventLoop).flatMap {
            Self.close(self.state, on: self.eventLoop)
        }.map {
            self.observer.logRepetitions()
        }
    }

    /// Closing waits for the disk, so it happens on a thread of its own.
    private static func close(_ state: StateDirectory?, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        guard let state else { return eventLoop.makeSucceededVoidFuture() }
        return state.writeLast().flatMap {
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { state.close() }
        }
    }

    private static func drain(
        _ listeners: [HTTPListener], until deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(listeners.map { $0.drain(until: deadline) }, on: eventLoop)
    }
}
