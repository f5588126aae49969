internal import OTLP

/// To the state directory: what changed since the last checkpoint.
extension SeriesStore {
    /// Notes changes from here on. Called once, before anything is restored or ingested.
    package mutating func trackChanges() {
        changes.isTracked = true
        resources.changes = ChangeList()
        scopes.changes = ChangeList()
        metrics.changes = ChangeList()
        tombstones.changes = ChangeList()
        events.changes = ChangeList()
        foldedWindows.changes = ChangeList()
    }

    /// Hands over every record that changed since the last call, as it is now.
    ///
    /// If they cannot be written, `markChanged` makes them change again. `changesEnded` tells either way.
    /// Complexity: O(changes).
    package mutating func takeChanges(into sink: inout some StateSink) {
        var writer = StateWriter()
        func put(_ kind: StateKind, _ number: UInt32, _ isThere: Bool, tail: ArraySlice<UInt8> = []) {
            if isThere { sink.put(kind, number, writer.bytes, tail: tail) } else { sink.delete(kind, number) }
            writer.removeAll()
        }
        writeHeader(to: &writer)
        put(.header, 0, true)
        // What identifies them is not copied for the record.
        for number in resources.changes?.takeAll() ?? [] {
            let canonical = resources.canonical(of: number)
            if let canonical { writeResource(number, canonical, to: &writer) }
            put(.resource, number, canonical != nil, tail: canonical?[...] ?? [])
        }
        for number in scopes.changes?.takeAll() ?? [] {
            let canonical = scopes.canonical(of: number)
            if let canonical { writeScope(number, canonical, to: &writer) }
            put(.scope, number, canonical != nil, tail: canonical?[...] ?? [])
        }
        for number in metrics.changes?.takeAll() ?? [] { put(.metric, number, writeMetric(number, to: &writer)) }
        for number in changes.streams.takeAll().map({ StreamID($0) }) {
            guard isLive(number) else {
                put(.stream, number.number, false)
                continue
            }
            // A record that is on disk stays as it is.
            guard let identity = unwritten.identity(of: number) else { continue }
            writeStream(number, as: identity, to: &writer)
            // The attributes are most of all that a first checkpoint writes: they are not copied for it.
            put(.stream, number.number, true, tail: identity.attributes)
        }
        for number in changes.totals.takeAll() { put(.total, number, writeTotal(StreamID(number), to: &writer)) }
        tombstones.takeChanges { run, content in
            if let content {
                sink.put(.tombstones, run, content.bytes, tail: [])
            } else {
                sink.delete(.tombstones, run)
            }
        }
        foldedWindows.takeChanges { run, content in
            if let content {
                sink.put(.foldedWindows, run, content.bytes, tail: [])
            } else {
                sink.delete(.foldedWindows, run)
            }
        }
        events.takeChanges { run, content in
            if let content { sink.put(.events, run, content.bytes, tail: []) } else { sink.delete(.events, run) }
        }
        shortenings.handOver()
        unwritten.handOver()
    }

    /// Makes the next call of `takeChanges` hand over this record, or tell that it is not there.
    package mutating func markChanged(_ kind: StateKind, _ number: UInt32) {
        guard changes.isTracked, number < IdentityNumbers.limit else { return }
        switch kind {
        case .header: break
        case .resource: resources.changes?.mark(number)
        case .scope: scopes.changes?.mark(number)
        case .metric: metrics.changes?.mark(number)
        case .stream: changes.streams.mark(number)
        case .total: changes.totals.mark(number)
        case .tombstones: tombstones.changes?.mark(number)
        case .events: events.changes?.mark(number)
        case .foldedWindows: foldedWindows.changes?.mark(number)
        }
    }

    /// The version of all that is written here; another one is not read.
    static var stateVersion: UInt64 { 2 }

    private func writeHeader(to writer: inout StateWriter) {
        writer.number(SeriesStore.stateVersion)
        writer.fixed(hash.parts.seed)
        writer.fixed(hash.parts.secret)
        writer.number(requestCount)
        writer.number(sequence)
        writer.number(births)
        writer.number(lastArrival)
        writer.number(settings.createdAt)
        writer.number(firstIncrement.newestTime)
        writer.number(nextFold)
        writer.number(nextCrowdFold)
        writer.signed(windowClock.offset)
        writer.number(windowClock.now)
        settings.stateLimits.write(to: &writer)
    }

    /// All of the record but the canonical form, which follows.
    private func writeResource(_ number: UInt32, _ canonical: [UInt8], to writer: inout StateWriter) {
        writer.number(targets[number])
        writer.number(canonical.count)
    }

    /// All of the record but the canonical form, which follows.
    private func writeScope(_ number: UInt32, _ canonical: [UInt8], to writer: inout StateWriter) {
        writer.number(scopes[number].resource)
        writer.number(canonical.count)
    }

    private func writeMetric(_ number: UInt32, to writer: inout StateWriter) -> Bool {
        guard let canonical = metrics.canonical(of: number) else { return false }
        writer.number(metrics[number].scope)
        writer.string(canonical)
        writer.string(metrics[number].help)
        return true
    }

    private func isLive(_ number: StreamID) -> Bool {
        number.row < streams.count && !streams[number].isVacant
    }

    /// All of the record but the attributes, which follow.
    private func writeStream(
        _ number: StreamID, as identity: UnwrittenIdentities.Identity, to writer: inout StateWriter
    ) {
        let record = streams[number]
        writer.number(record.metric)
        writer.number(record.birth)
        writer.byte(identity.encoding.rawValue)
        writer.number(identity.attributes.count)
    }

    private func writeTotal(_ number: StreamID, to writer: inout StateWriter) -> Bool {
        guard isLive(number) else { return false }
        let record = streams[number]
        writer.number(record.lastSeen)
        writer.flag(record.isWithdrawn)
        let owner = record.series
        writer.number(exposed[owner].startTime)
        writer.number(shortenings.isEmpty ? exposed[owner].zeroUntil : writtenZeroUntil(of: record.series))
        writer.optional(exposedTimes[owner])
        record.state.write(to: &writer)
        return true
    }
}
