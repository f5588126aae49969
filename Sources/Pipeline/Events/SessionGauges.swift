package import Events
package import Exposition
package import NIOCore
package import OTLP
package import Series
package import Server
package import Settings
internal import Synchronization

/// The gauges of active sessions on one Prometheus exporter.
///
/// A session is active by its events and its metrics. The gauges are updated every `interval`; they are not counters,
/// so they do not go through the journal.
package final class SessionGauges: Sendable {
    /// How often the gauges are updated, seconds. 15: as often as a usual scrape.
    package static let interval = 15
    /// Metrics that every session has sooner or later, with the attributes that identify it.
    /// - Parameter userAttributes: see `EventSettings.userAttributes`.
    package static func signs(userAttributes: [String] = UserAttributes.all) -> SignsOfLife {
        SignsOfLife(
            metrics: ["claude_code.session.count", "claude_code.cost.usage", "claude_code.active_time.total"].map {
                Array($0.utf8)
            },
            attributes: SessionOwner.attributes(userAttributes: userAttributes).map { Array($0.utf8) })
    }

    package let series: SharedSeries
    private let batches: BatchPool
    private let loopTurns: LoopTurns
    private let settings: EventSettings
    private let shown: PrometheusTranslation?
    private let state: Mutex<State>

    private struct State {
        var memory: SessionMemory
        /// The time up to which streams were searched; 0 before the first time, which finds those from before a
        /// restart.
        var lookedAt: UnixNanoseconds = 0
        var isUpdating = false
    }

    /// - Parameters:
    ///   - window: how long after its last event or metric a session is active.
    ///   - settings: those of the events.
    ///   - shown: how the page shows owners, if it may show several as one: their sessions are added up then.
    ///   - loopTurns: those in which the gauges are counted on the event loop.
    package init(
        of series: SharedSeries, window: Duration, settings: EventSettings = EventSettings(),
        shown: PrometheusTranslation? = nil, limits: DecodingLimits, loopTurns: LoopTurns
    ) {
        self.series = series
        batches = BatchPool(limits: limits)
        self.loopTurns = loopTurns
        self.settings = settings
        self.shown = shown
        state = Mutex(State(memory: SessionMemory(window: UInt64(clamping: window.components.seconds))))
    }

    /// Sessions noted without interruption; long exports have many. 256.
    private static let sessionsAtOnce = 256

    /// Notes the sessions of events that arrived. From any thread; others wait for a few of them only.
    func see(_ sessions: [DerivedExport.Session], at time: UnixNanoseconds) {
        var rest = sessions[...]
        while !rest.isEmpty {
            state.withLock { state in
                for session in rest.prefix(Self.sessionsAtOnce) {
                    state.memory.see(session.id, of: session.owner, at: time)
                }
            }
            rest = rest.dropFirst(Self.sessionsAtOnce)
        }
    }

    /// Updates the gauges. There may be 20,000: they are made on a thread and counted part by part. Does nothing while
    /// the update before is not complete.
    /// - Parameter eventLoop: the one on which exports count.
    /// - Returns: completes with the update; fails if the threads have ended.
    @discardableResult
    package func update(at now: UnixNanoseconds, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let begins = state.withLock { state in
            defer { state.isUpdating = true }
            return !state.isUpdating
        }
        guard begins else { return eventLoop.makeSucceededVoidFuture() }
        let made = LongWork.run(on: eventLoop, in: .bodies) { self.makeGauges(at: now) }
        let updated = made.flatMap { batch in self.count(batch, at: now, on: eventLoop) }
        updated.whenComplete { _ in self.state.withLock { $0.isUpdating = false } }
        return updated
    }

    /// The gauges as an export; nil if there are none.
    private func makeGauges(at now: UnixNanoseconds) -> DecodedBatch? {
        var seen = series.signsOfLife(after: state.withLock { $0.lookedAt })[...]
        while !seen.isEmpty {
            let found = seen.prefix(Self.sessionsAtOnce).compactMap { stream in
                SessionOwner.ofStream(stream.attributes, resource: stream.resource, settings)
                    .map { (session: $0.session, owner: $0.owner, time: stream.lastSeen) }
            }
            state.withLock { state in
                for sign in found { state.memory.see(sign.session, of: sign.owner, at: sign.time) }
            }
            seen = seen.dropFirst(Self.sessionsAtOnce)
        }
        let memory = state.withLock { state in
            // Data that arrives within this moment is searched again.
            state.lookedAt = now > 0 ? now - 1 : 0
            state.memory.removeExpired(at: now)
            return state.memory
        }
        let shownAs = shown.map { shown in { (owner: SessionOwner) in owner.labels(shown) } }
        let body = memory.gauges(at: now, shownAs: shownAs)
        guard !body.isEmpty else { return nil }
        let export = MetricsExport(body: ByteBuffer(bytes: body), encoding: .protobuf, stamp: stamp(now))
        // More owners than memory for decoding: there are no gauges then.
        return try? batches.decodeLong(export)
    }

    private func stamp(_ now: UnixNanoseconds) -> ArrivalStamp {
        ArrivalStamp(arrival: now, scrapeInterval: ExportRoute.rounded(scrapeInterval: series.scrapeInterval))
    }

    private func count(
        _ batch: DecodedBatch?, at now: UnixNanoseconds, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Void> {
        guard let batch else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        let part = batches.takeEmpty()
        ExportCounting(in: [series], at: stamp(now), isOwn: true).countParts(
            of: batch, using: part, in: loopTurns, on: eventLoop
        ) { _ in
            self.batches.giveBack(part)
            self.batches.giveBack(batch)
            promise.succeed()
        }
        return promise.futureResult
    }
}

extension SessionOwner {
    /// The labels of an owner on a page.
    fileprivate func labels(_ translation: PrometheusTranslation) -> [UInt8] {
        let metric = MetricIdentity(
            name: Array(Self.activeMetric.utf8), unit: [], kind: .gauge, temporality: .unspecified, isMonotonic: false)
        let reader = AttributeReader(encoding: .protobuf)
        let resource = resource.withUnsafeBytes { try? reader.resource($0) }
        let stream = StreamIdentity(
            resource: resource ?? Resource(), scope: Scope(name: Array(EventSettings.scopeName.utf8)), metric: metric,
            attributes: attributes)
        // An owner with too long a label is not shown.
        return (try? translation.exposure(of: stream).labels) ?? []
    }
}
