internal import ConfigFile
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Pipeline
internal import Server
internal import Settings

/// A running collector: its listeners and stages, from the start to the last response.
final class RunningApp: Sendable {
    /// The port of each listener by component name (`otlp`, `otlp grpc`, `prometheus`, `telemetry`), as the system
    /// chose it.
    let ports: [String: Int]

    private let parts: AppParts
    private let listeners: [HTTPListener]
    private let tasks: [RepeatedTask]
    private let forgetRequests: ForgetRequests?
    private let health: HealthChecks
    private let eventLoop: any EventLoop

    /// The health checks: open before everything else, and until the end.
    private struct HealthChecks: Sendable {
        let listeners: [HTTPListener]
        let readiness: Readiness
    }

    private init(
        _ parts: AppParts, listeners: [HTTPListener], tasks: [RepeatedTask], forgetRequests: ForgetRequests?,
        health: HealthChecks, on eventLoop: any EventLoop
    ) {
        self.parts = parts
        self.listeners = listeners
        self.tasks = tasks
        self.forgetRequests = forgetRequests
        self.health = health
        self.eventLoop = eventLoop
        ports = Dictionary((listeners + health.listeners).map { ($0.name, $0.port) }) { first, _ in first }
    }

    /// Opens all listeners, health checks first and pages before receivers: what can be exported to can be scraped.
    ///
    /// The state is recovered once the health checks are open, which then report that the collector is not ready; the
    /// call blocks for that, so it must not be made on an event loop. The future fails with `ListenError` if an address
    /// is not available, with `StateFailure` if the directory cannot be used, with `ConfigFailure` if a certificate,
    /// key or list of secrets cannot be used; nothing is left open then.
    /// - Parameter group: serves all listeners; the caller shuts it down after `drain`.
    static func start(
        _ config: AppConfig, on group: any EventLoopGroup, clock: any WallClock = SystemClock(), log: Logger
    ) -> EventLoopFuture<RunningApp> {
        let eventLoop = group.next()
        let readiness = Readiness()
        let own = OwnMetrics()
        let observer = AppObserver(own: own, log: log)
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
        let parts: AppParts
        do throws(StateFailure) {
            parts = try AppParts(
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
            // Of a command that waited for the previous process.
            eventLoop.execute { forgetRequests?.take() }
            let reloads = (protection.reloads + forwardProtection.reloads).map {
                $0.start(on: eventLoop, log: log, faults: parts.observer.faults)
            }
            return RunningApp(
                parts, listeners: listeners,
                tasks: tasks(of: parts, config, forgetRequests, clock: clock, on: eventLoop) + reloads,
                forgetRequests: forgetRequests, health: HealthChecks(listeners: health, readiness: readiness),
                on: eventLoop)
        }
    }

    /// Tasks that are repeated until shutdown.
    private static func tasks(
        of parts: AppParts, _ config: AppConfig, _ forgetRequests: ForgetRequests?, clock: any WallClock,
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
                    for gauges in sessions { gauges.update(at: clock.now(), on: eventLoop) }
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
        _ config: AppConfig, readiness: Readiness, protection: Protection, observer: AppObserver
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

    /// Opens one after the other. If one cannot be opened, the ones before are closed again.
    private static func open(
        _ services: [(settings: ListenerSettings, served: ServedProtocol)], on group: any EventLoopGroup, log: Logger
    ) -> EventLoopFuture<[HTTPListener]> {
        let eventLoop = group.next()
        return services.reduce(eventLoop.makeSucceededFuture([HTTPListener]())) { before, next in
            before.flatMap { listeners in
                HTTPListener.bind(next.settings, on: group, serving: next.served).map { listener in
                    // Addresses are logged as configured, whatever they resolve to.
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

    /// Carries out a request of `odometer forget`, if there is one.
    func takeForgetRequest() {
        eventLoop.execute { self.forgetRequests?.take() }
    }

    /// Stops accepting, completes current requests, writes the state, and ends; requests that take longer than `grace`
    /// are aborted (R-LIFE-04).
    func drain(within grace: Duration) -> EventLoopFuture<Void> {
        health.readiness.beginDraining()
        for task in tasks { task.cancel() }
        eventLoop.execute { self.forgetRequests?.refuse() }
        return Self.drain(listeners, until: .now() + TimeAmount(grace), on: eventLoop).flatMap {
            let forward = self.parts.forward
            let limit = min(grace, Self.forwardGrace)
            return self.eventLoop.makeFutureWithTask { await forward.drain(within: limit) }
        }.flatMap {
            Self.close(self.parts.state, self.parts.forward, on: self.eventLoop) {
                // A request that arrived meanwhile is refused; from now on none is taken, and its command notices that.
                self.forgetRequests?.refuse()
            }
        }.flatMap {
            Self.drain(self.health.listeners, until: .now(), on: self.eventLoop)
        }.map {
            self.parts.observer.logRepetitions()
        }
    }

    /// Aborts requests that `drain` still waits for; accepted exports are kept.
    func cutRequests() { _ = Self.drain(listeners, until: .now(), on: eventLoop) }

    /// Time for forwarding at shutdown; the rest waits on disk for the next start. 3 s.
    private static let forwardGrace: Duration = .seconds(3)

    /// Closing blocks on the disk, so it happens on a separate thread.
    /// - Parameter last: work before the directory is released.
    private static func close(
        _ state: StateDirectory?, _ forward: ForwardExporters, on eventLoop: any EventLoop,
        last: @escaping @Sendable () -> Void = {}
    ) -> EventLoopFuture<Void> {
        let written = state?.writeLast() ?? eventLoop.makeSucceededVoidFuture()
        return written.flatMap {
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
                // The directory is released last.
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
