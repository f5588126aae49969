package import Events
package import Exposition
package import OTLP
package import Series
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
    private let limits: DecodingLimits
    private let settings: EventSettings
    private let shown: PrometheusTranslation?
    private let state: Mutex<State>

    private struct State {
        var memory: SessionMemory
        /// The time up to which streams were searched; 0 before the first time, which finds those from before a
        /// restart.
        var lookedAt: UnixNanoseconds = 0
    }

    /// - Parameters:
    ///   - window: how long after its last event or metric a session is active.
    ///   - settings: those of the events.
    ///   - shown: how the page shows owners, if it may show several as one: their sessions are added up then.
    package init(
        of series: SharedSeries, window: Duration, settings: EventSettings = EventSettings(),
        shown: PrometheusTranslation? = nil, limits: DecodingLimits
    ) {
        self.series = series
        self.limits = limits
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

    /// Updates the gauges. On the event loop where exports count.
    package func update(at now: UnixNanoseconds) {
        let body = state.withLock { state in
            let seen = series.signsOfLife(after: state.lookedAt)
            for stream in seen {
                let found = SessionOwner.ofStream(stream.attributes, resource: stream.resource, settings)
                guard let (session, owner) = found else { continue }
                state.memory.see(session, of: owner, at: stream.lastSeen)
            }
            // Data that arrives within this moment is searched again.
            state.lookedAt = now > 0 ? now - 1 : 0
            guard let shown else { return state.memory.gauges(at: now) }
            return state.memory.gauges(at: now) { $0.labels(shown) }
        }
        guard !body.isEmpty else { return }
        var batch = MetricsBatch(limits: limits)
        body.withUnsafeBytes { bytes in
            do throws(DecodingFailure) {
                try batch.decode(bytes, as: .protobuf)
                let interval = ExportRoute.rounded(scrapeInterval: series.scrapeInterval)
                try series.ingestOwn(batch, at: ArrivalStamp(arrival: now, scrapeInterval: interval))
            } catch {
                // More owners than memory for decoding: there are no gauges then.
                return
            }
        }
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
