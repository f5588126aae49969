internal import ConfigFile
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Server
internal import Settings

/// A collector that runs: its listeners and what stands behind them, from a configuration to the last answer.
final class RunningCollector: Sendable {
    /// The port of each listener by component name (`otlp`, `otlp grpc`, `prometheus`, `telemetry`), as the system gave it.
    let ports: [String: Int]

    private let eventLoop: any EventLoop
    private let listeners: [HTTPListener]
    private let tasks: [RepeatedTask]
    private let state: StateDirectory?
    private let forward: ForwardExporters
    private let observer: CollectorObserver
    private let forgetRequests: ForgetRequests?
    /// Told of readiness, and open until the end.
    private let health: [HTTPListener]
    private let readiness: Readiness

    private init(
        eventLoop: any EventLoop, listeners: [HTTPListener], tasks: [RepeatedTask], state: StateDirectory?,
        forward: ForwardExporters, observer: CollectorObserver, forgetRequests: ForgetRequests?, health: [HTTPListener],
        readiness: Readiness
    ) {
        self.eventLoop = eventLoop
        self.listeners = listeners
        self.tasks = tasks
        self.state = state
        self.forward = forward
        self.observer = observer
        self.forgetRequests = forgetRequests
        self.health = health
        self.readiness = readiness
        ports = Dictionary((listeners + health).map { ($0.name, $0.port) }) { first, _ in first }
    }

    /// Opens everything the configuration asks for, health checks first and pages before receivers: who can export can
    /// be scraped.
    ///
    /// What the state directory holds is recovered once the health checks are open, which say that the collector is not
    /// ready; the call waits for that, so it must not be made on an event loop. The future fails with `ListenError`
    /// when an address cannot be had, with `StateFailure` when the directory cannot be used, with `ConfigFailure` when
    /// a certificate, key or list of secrets cannot be used; nothing is left open then.
    /// - Parameter group: serves all listeners; the caller's to shut down, after `drain`.
    static func start(
        _ config: CollectorConfig, on group: any EventLoopGroup, clock: any WallClock = SystemClock(), log: Logger
    ) -> EventLoopFuture<RunningCollector> {
        let eventLoop = group.next()
        let readiness = Readiness()
        let own = OwnMetrics()
        let observer = CollectorObserver(own: own, log: log)
        let protection: Protection
        let health: [HTTPListener]
        let forwardProtection: ForwardProtection
        do {
            forwardProtection = try ForwardProtection(config)
            protection = try Protection(config, log: log)
            health = try open(
                healthServices(config, readiness: readiness, protection: protection, observer: observer), on: group,
                log: log
            ).wait()
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let parts: CollectorParts
        do throws(StateFailure) {
            parts = try CollectorParts(
                config, protection: protection, forwardProtection: forwardProtection, own: own, observer: observer,
                clock: clock, log: log, on: eventLoop)
        } catch {
            return drain(health, until: .now(), on: eventLoop).flatMapThrowing { throw error }
        }
        let started = open(parts.services, on: group, log: log).flatMapError { error in
            close(parts.state, parts.forward, on: eventLoop).flatMap { drain(health, until: .now(), on: eventLoop) }
                .flatMapThrowing { throw error }
        }
        return started.map { listeners in
            readiness.becomeReady()
            MemoryTuning.startIsOver()
            parts.forward.start()
            let forgetRequests = parts.state.map {
                ForgetRequests(
                    config: parts.config, stores: parts.stores, otherExporters: parts.otherExporters, state: $0,
                    forward: parts.forward,
                    directory: config.state.path, eventLoop: eventLoop, clock: clock, log: log)
            }
            // Of a command that waited for the process before.
            eventLoop.execute { forgetRequests?.take() }
            let reloads = (protection.reloads + forwardProtection.reloads).map {
                $0.start(on: eventLoop, log: log, faults: parts.observer.faults)
            }
            return RunningCollector(
                eventLoop: eventLoop, listeners: listeners,
                tasks: tasks(of: parts, config, forgetRequests, clock: clock, on: eventLoop) + reloads,
                state: parts.state, forward: parts.forward, observer: parts.observer, forgetRequests: forgetRequests,
                health: health, readiness: readiness)
        }
    }

    /// What is done again and again until the collector ends.
    private static func tasks(
        of parts: CollectorParts, _ config: CollectorConfig, _ forgetRequests: ForgetRequests?, clock: any WallClock,
        on eventLoop: any EventLoop
    ) -> [RepeatedTask] {
        func every(_ interval: TimeAmount, _ task: @escaping @Sendable () -> Void) -> RepeatedTask {
            eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in task() }
        }
        var tasks = [
            every(.minutes(1)) { [stores = parts.stores] in
                for store in stores { store.series.maintain(at: clock.reading()) }
                MemoryTuning.trim()
            }
        ]
        if !parts.sessions.isEmpty {
            tasks.append(
                every(.seconds(Int64(SessionGauges.interval))) { [sessions = parts.sessions] in
                    for gauges in sessions { gauges.update(at: clock.now()) }
                })
        }
        if let state = parts.state {
            tasks.append(
                every(TimeAmount(config.state.checkpointInterval)) {
                    forgetRequests?.take()
                    state.checkpoint()
                })
        }
        if let memory = parts.memory {
            tasks.append(every(TimeAmount(memory.checkInterval)) { memory.check() })
        }
        return tasks
    }

    private static func healthServices(
        _ config: CollectorConfig, readiness: Readiness, protection: Protection, observer: CollectorObserver
    ) -> [(settings: ListenerSettings, served: ServedProtocol)] {
        config.healthChecks.map { check in
            (
                ListenerSettings(
                    check.name, at: check.endpoint, limits: config.limits.server,
                    tls: protection.context(of: check.tls), observer: observer.telemetry(of: .health)),
                .http(protection.guarded(HealthService(check, readiness: readiness), by: check.auth))
            )
        }
    }

    /// Opens one after the other. When one cannot be opened, those before it are closed again.
    private static func open(
        _ services: [(settings: ListenerSettings, served: ServedProtocol)], on group: any EventLoopGroup, log: Logger
    ) -> EventLoopFuture<[HTTPListener]> {
        let eventLoop = group.next()
        return services.reduce(eventLoop.makeSucceededFuture([HTTPListener]())) { before, next in
            before.flatMap { listeners in
                HTTPListener.bind(next.settings, on: group, serving: next.served).map { listener in
                    // Every address is told as it was written, whatever stands for it.
                    let isEvery = next.settings.host == "0.0.0.0"
                    let host = isEvery ? next.settings.host : listener.address.ipAddress ?? ""
                    let address = Endpoint(host: host, port: listener.address.port ?? 0)
                    log.info("listening", metadata: ["listener": "\(listener.name)", "address": "\(address)"])
                    return listeners + [listener]
                }.flatMapError { error in
                    drain(listeners, until: .now(), on: eventLoop).flatMapThrowing { throw error }
                }
            }
        }
    }

    /// Does what `odometer forget` asks for, if it does.
    func takeForgetRequest() {
        eventLoop.execute { self.forgetRequests?.take() }
    }

    /// Stops accepting, answers what has arrived, writes the state, and ends; requests that take longer than `grace` are
    /// cut off (R-LIFE-04).
    func drain(within grace: Duration) -> EventLoopFuture<Void> {
        readiness.beginDraining()
        for task in tasks { task.cancel() }
        eventLoop.execute { self.forgetRequests?.refuse() }
        return Self.drain(listeners, until: .now() + TimeAmount(grace), on: eventLoop).flatMap {
            let forward = self.forward
            let limit = min(grace, Self.forwardGrace)
            return self.eventLoop.makeFutureWithTask { await forward.drain(within: limit) }
        }.flatMap {
            Self.close(self.state, self.forward, on: self.eventLoop) {
                // What was asked for meanwhile; from here on nobody takes a request, and its command sees that.
                self.forgetRequests?.refuse()
            }
        }.flatMap {
            Self.drain(self.health, until: .now(), on: self.eventLoop)
        }.map {
            self.observer.logRepetitions()
        }
    }

    /// Cuts off requests that `drain` still waits for; what they have brought so far is kept.
    func cutRequests() { _ = Self.drain(listeners, until: .now(), on: eventLoop) }

    /// How long what waits to be passed on may take at the end; the rest waits on disk for the next start. 3 s.
    private static let forwardGrace: Duration = .seconds(3)

    /// Closing waits for the disk, so it happens on a thread of its own.
    /// - Parameter last: what is done before the directory is given back.
    private static func close(
        _ state: StateDirectory?, _ forward: ForwardExporters, on eventLoop: any EventLoop,
        last: @escaping @Sendable () -> Void = {}
    ) -> EventLoopFuture<Void> {
        let written = state?.writeLast() ?? eventLoop.makeSucceededVoidFuture()
        return written.flatMap {
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
                // The directory is given back last.
                forward.close()
                last()
                state?.close()
            }
        }
    }

    private static func drain(
        _ listeners: [HTTPListener], until deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(listeners.map { $0.drain(until: deadline) }, on: eventLoop)
    }
}
