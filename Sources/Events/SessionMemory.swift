internal import Bytes
package import OTLP

/// Recently active sessions by user and service, for the gauges of sessions.
///
/// In memory only: after a restart a session is known again with its next event or metric. One owner at a time.
package struct SessionMemory: Sendable {
    /// Sessions remembered. 100,000; further ones are ignored until others end.
    private static let sessionLimit = 100_000
    /// Users and services remembered. 10,000.
    private static let ownerLimit = 10_000
    /// How long an owner without an active session is still shown, seconds. 24 h.
    private static let ownerRetention: UInt64 = 24 * 3600

    private struct Session {
        var owner: Int
        /// Seconds since 1970.
        var lastSeen: UInt64
    }

    /// Seconds; see `EventMetricsSettings.activeWindow`.
    private let window: UInt64
    private var sessions: [UInt64: Session] = [:]
    private var numbers: [SessionOwner: Int] = [:]
    /// Nil where one was removed.
    private var owners: [(owner: SessionOwner, lastSeen: UInt64)?] = []
    private var free: [Int] = []

    /// - Parameter window: how long after its last event or metric a session is active, seconds.
    package init(window: UInt64) { self.window = max(window, 1) }

    /// Notes an event or metric of a session.
    /// - Parameters:
    ///   - session: the hash of the session.
    ///   - time: its arrival.
    package mutating func see(_ session: UInt64, of owner: SessionOwner, at time: UnixNanoseconds) {
        let seconds = time / 1_000_000_000
        if let known = sessions[session], owners[known.owner]?.owner == owner {
            sessions[session]?.lastSeen = max(known.lastSeen, seconds)
            return recordActivity(of: known.owner, seconds)
        }
        guard sessions.count < Self.sessionLimit || sessions[session] != nil else { return }
        guard let number = number(of: owner, at: seconds) else { return }
        sessions[session] = Session(owner: number, lastSeen: seconds)
        recordActivity(of: number, seconds)
    }

    private mutating func recordActivity(of owner: Int, _ seconds: UInt64) {
        guard let lastSeen = owners[owner]?.lastSeen, lastSeen < seconds else { return }
        owners[owner]?.lastSeen = seconds
    }

    private mutating func number(of owner: SessionOwner, at seconds: UInt64) -> Int? {
        if let known = numbers[owner] { return known }
        guard numbers.count < Self.ownerLimit else { return nil }
        let number = free.popLast() ?? owners.count
        if number == owners.count { owners.append(nil) }
        owners[number] = (owner, seconds)
        numbers[owner] = number
        return number
    }

    /// Removes sessions that are not active, and owners without one that expired.
    package mutating func removeExpired(at now: UnixNanoseconds) {
        let seconds = now / 1_000_000_000
        sessions = sessions.filter { $0.value.lastSeen &+ window > seconds }
        let active = activeSessions
        for number in owners.indices {
            guard let (owner, lastSeen) = owners[number] else { continue }
            guard active[number] == 0, lastSeen &+ Self.ownerRetention <= seconds else { continue }
            owners[number] = nil
            numbers[owner] = nil
            free.append(number)
        }
    }

    /// By owner.
    private var activeSessions: [Int] {
        var active = [Int](repeating: 0, count: owners.count)
        for session in sessions.values { active[session.owner] += 1 }
        return active
    }

    /// The gauges of what `removeExpired` left: for each owner the number of active sessions, and the time of the newest
    /// event or metric.
    /// - Parameter shownAs: maps owners that a page shows as one to the same value; nil: each is shown separately.
    /// - Returns: `ExportMetricsServiceRequest` in protobuf; empty if there are no owners.
    package func gauges(at now: UnixNanoseconds, shownAs: ((SessionOwner) -> [UInt8])? = nil) -> [UInt8] {
        let active = activeSessions
        var told: [(owner: SessionOwner, active: Int, lastSeen: UInt64)] = []
        var places: [[UInt8]: Int] = [:]
        for number in owners.indices {
            guard let (owner, lastSeen) = owners[number] else { continue }
            if let shownAs {
                let shown = shownAs(owner)
                if let place = places[shown] {
                    told[place].active += active[number]
                    told[place].lastSeen = max(told[place].lastSeen, lastSeen)
                    continue
                }
                places[shown] = told.count
            }
            told.append((owner, active[number], lastSeen))
        }
        var body = WireWriter()
        for (owner, active, lastSeen) in told {
            append(owner, active: active, lastSeen: lastSeen, at: now, to: &body)
        }
        return body.bytes
    }

    private func append(
        _ owner: SessionOwner, active: Int, lastSeen: UInt64, at now: UnixNanoseconds, to body: inout WireWriter
    ) {
        body.field(1) { resourceMetrics in
            resourceMetrics.field(1, owner.resource)
            resourceMetrics.field(2) { scopeMetrics in
                scopeMetrics.field(1) { $0.field(1, DerivedMetrics.scopeName) }
                for (name, description, unit, value) in [
                    (SessionOwner.activeMetric, "Active sessions.", "", UInt64(active)),
                    (SessionOwner.lastSeenMetric, "Time of the last sign of activity of a session.", "s", lastSeen),
                ] {
                    scopeMetrics.field(2) { metric in
                        metric.field(1, name)
                        metric.field(2, description)
                        if !unit.isEmpty { metric.field(3, unit) }
                        metric.field(5) { gauge in gauge.field(1) { write(value, of: owner, at: now, to: &$0) } }
                    }
                }
            }
        }
    }

    /// A data point with the attributes of its owner.
    private func write(
        _ value: UInt64, of owner: SessionOwner, at now: UnixNanoseconds, to point: inout WireWriter
    ) {
        point.field(3, fixed64: now)
        point.field(6, fixed64: value)
        if !owner.service.isEmpty {
            point.field(7) { label in
                owner.service.withUnsafeBytes { label.label(Array(SessionOwner.serviceLabel.utf8), $0) }
            }
        }
        if !owner.users.isEmpty {
            point.field(7) { $0.label(Array(SessionOwner.userLabel.utf8), owner.users) }
        }
    }
}
