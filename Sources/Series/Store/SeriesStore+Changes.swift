internal import OTLP

/// To the state directory: what changed since the last checkpoint.
extension SeriesStore {
    /// Notes changes from here on. Called once, before anything is restored or ingested.
    package mutating func trackChanges() {
        changes.isTracked = true
        identities.trackChanges()
        tombstones.changes = ChangeList()
        duplicates.trackChanges()
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
        identities.takeChanges(into: &sink)
        for number in changes.streams.takeAll().map({ StreamID($0) }) {
            guard streams.holds(number) else {
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
        tombstones.takeChanges { sink.put(.tombstones, run: $0, $1) }
        duplicates.takeChanges(into: &sink)
        showing.handOver()
        unwritten.handOver()
    }

    /// Makes the next call of `takeChanges` hand over this record, or tell that it is not there.
    package mutating func markChanged(_ kind: StateKind, _ number: UInt32) {
        guard changes.isTracked, number < IdentityNumbers.limit else { return }
        switch kind {
        case .header: break
        case .resource, .scope, .metric: identities.markChanged(kind, number)
        case .stream: changes.streams.mark(number)
        case .total: changes.totals.mark(number)
        case .tombstones: tombstones.changes?.mark(number)
        case .events: duplicates.markEvents(run: number)
        case .foldedWindows: duplicates.markFoldedWindows(run: number)
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
        writer.number(streams.births)
        writer.number(lastArrival)
        writer.number(showing.createdAt)
        writer.number(showing.increment.newestTime)
        writer.number(nextFold)
        writer.number(nextCrowdFold)
        writer.signed(duplicates.clock.offset)
        writer.number(duplicates.clock.now)
        settings.stateLimits.write(to: &writer)
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
        guard streams.holds(number) else { return false }
        let record = streams[number]
        writer.number(record.lastSeen)
        writer.flag(record.isWithdrawn)
        let owner = record.series
        writer.number(exposed[owner].startTime)
        writer.number(showing.writtenZeroUntil(of: owner, in: exposed))
        writer.optional(exposedTimes[owner])
        record.state.write(to: &writer)
        return true
    }
}
