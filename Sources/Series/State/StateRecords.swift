internal import OTLP
internal import Settings

/// The records of a store in the state directory: writes those that changed, and restores them after a restart.
///
/// Series are derived from streams at each start, so another configuration shows the same streams under other names. A
/// record that cannot be used is left out, with those that refer to it; the next checkpoint removes them from disk.
struct StateRecords: Sendable {
    /// The version of the records; other versions are not read.
    private static let version: UInt64 = 2

    /// The records on disk have another version.
    private var hasForeignRecords = false
    /// The family of the stream that was restored last: streams of one metric nearly always follow each other.
    private var restoredFamily: (metric: MetricID, descriptor: FamilyDescriptor)?

    /// Passes every record that changed since the last call, with its current content.
    ///
    /// Complexity: O(changes).
    func handOver(_ held: inout BoundedLedger, to sink: inout some StateSink) {
        writeHeader(of: held, to: &sink)
        held.ledger.identities.takeChanges(into: &sink)
        writeStreams(of: &held.ledger, to: &sink)
        writeTotals(of: &held.ledger, to: &sink)
        held.ledger.tombstones.takeChanges { sink.put(.tombstones, run: $0, $1) }
        held.ledger.duplicates.takeChanges(into: &sink)
        held.ledger.showing.handOver()
        held.ledger.changes.handOver()
    }

    private func writeHeader(of held: borrowing BoundedLedger, to sink: inout some StateSink) {
        var writer = StateWriter()
        writer.number(StateRecords.version)
        held.ledger.writeHeader(to: &writer)
        writer.number(held.nextFold)
        writer.number(held.nextCrowdFold)
        writer.signed(held.ledger.duplicates.clock.offset)
        writer.number(held.ledger.duplicates.clock.now)
        held.ledger.settings.stateLimits.write(to: &writer)
        sink.put(.header, 0, writer.bytes, tail: [])
    }

    private func writeStreams(of ledger: inout Ledger, to sink: inout some StateSink) {
        var writer = StateWriter()
        for number in ledger.changes.takeStreams() {
            guard ledger.streams.holds(number) else {
                sink.delete(.stream, number.number)
                continue
            }
            // A record on disk never changes.
            guard let identity = ledger.changes.identity(of: number) else { continue }
            writer.removeAll()
            writer.number(ledger.streams[number].metric.number)
            writer.number(ledger.streams[number].birth)
            writer.byte(identity.encoding.rawValue)
            writer.number(identity.attributes.count)
            // Attributes are most of what a first checkpoint writes, so they are not copied.
            sink.put(.stream, number.number, writer.bytes, tail: identity.attributes)
        }
    }

    private func writeTotals(of ledger: inout Ledger, to sink: inout some StateSink) {
        var writer = StateWriter()
        for number in ledger.changes.takeTotals() {
            guard ledger.streams.holds(number) else {
                sink.delete(.total, number.number)
                continue
            }
            let record = ledger.streams[number]
            let series = record.series
            writer.removeAll()
            writer.number(record.lastSeen)
            writer.flag(record.isWithdrawn)
            writer.number(ledger.exposed[series].startTime)
            writer.number(ledger.showing.writtenZeroUntil(of: series, in: ledger.exposed))
            writer.optional(ledger.exposedTimes[series])
            record.state.write(to: &writer)
            sink.put(.total, number.number, writer.bytes, tail: [])
        }
    }
}

// MARK: - Restoring

extension StateRecords {
    /// Restores one record. Records come in ascending order of kind and number.
    /// - Throws: why the record is left out.
    mutating func restore(
        _ kind: StateKind, _ number: UInt32, _ bytes: UnsafeRawBufferPointer, in held: inout BoundedLedger,
        by describer: StreamDescriber
    ) throws(StateFault) {
        do throws(StateFault) {
            guard number < IdentityNumbers.limit else { throw StateFault.outOfRange }
            guard !hasForeignRecords else { throw StateFault.unknownTag }
            var reader = StateReader(bytes, bounds: held.ledger.boundsCache)
            // Limit for the nesting of attributes in canonical forms.
            let depth = describer.decodingLimits.maxAttributeDepth + 1
            switch kind {
            case .header: try restoreHeader(&reader, in: &held)
            case .resource: try held.ledger.identities.restoreResource(ResourceID(number), &reader, depth: depth)
            case .scope: try held.ledger.identities.restoreScope(ScopeID(number), &reader, depth: depth)
            case .metric: try held.ledger.identities.restoreMetric(MetricID(number), &reader)
            case .stream: try restoreStream(StreamID(number), &reader, in: &held.ledger, by: describer)
            case .total: try restoreTotal(StreamID(number), &reader, in: &held.ledger)
            case .tombstones: try held.ledger.tombstones.restore(run: number, from: &reader)
            case .foldedWindows: try held.ledger.duplicates.restoreFoldedWindows(run: number, from: &reader)
            case .events:
                let request = held.ledger.request
                try held.ledger.duplicates.restoreEvents(run: number, request: request, from: &reader)
            }
            held.ledger.boundsCache = reader.bounds
        } catch {
            held.ledger.markChanged(kind, number)
            throw error
        }
    }

    private mutating func restoreHeader(
        _ reader: inout StateReader, in held: inout BoundedLedger
    ) throws(StateFault) {
        guard try reader.number() == StateRecords.version else {
            // Other records would be misread.
            hasForeignRecords = true
            throw .unknownTag
        }
        let hash = try held.ledger.restoreHeader(&reader)
        let nextFold = try reader.number()
        // Missing in states written by older versions.
        held.restore(nextFold: nextFold, nextCrowdFold: reader.remaining > 0 ? try reader.number() : 0)
        held.ledger.duplicates.restore(
            reader.remaining > 0
                ? WindowClock(offset: try reader.signed(), now: try reader.number32())
                : WindowClock(now: UInt32(truncatingIfNeeded: held.ledger.lastArrival / 1_000_000_000)))
        held.ledger.restart(with: hash, limits: reader.remaining > 0 ? try StateLimits(from: &reader) : nil)
    }

    /// A stream without its total yet.
    private mutating func restoreStream(
        _ number: StreamID, _ reader: inout StateReader, in ledger: inout Ledger, by describer: StreamDescriber
    ) throws(StateFault) {
        let metric = MetricID(try reader.number32())
        let order = try reader.number32()
        let encoding = try reader.tag(WireEncoding.self)
        let raw = try reader.slice()
        try reader.end()
        guard ledger.identities.holds(metric: metric) else { throw .orphan }
        guard !ledger.streams.holds(number) else { throw .outOfRange }
        let attributes: [Attribute]
        do throws(DecodingFailure) {
            let reader = AttributeReader(encoding: encoding, limits: describer.decodingLimits)
            attributes = CanonicalEncoding.sorted(try reader.attributes(raw))
        } catch {
            throw .malformed
        }
        let content = ledger.identities[metric: metric]
        let exposure: Exposure
        do throws(RejectionReason) {
            let identity = ledger.identities.identity(ofStreamOf: metric, attributes)
            if let family = restoredFamily, family.metric == metric {
                exposure = try describer.translation.exposure(of: identity, in: family.descriptor)
            } else {
                exposure = try describer.translation.exposure(of: identity)
                restoredFamily = (metric, exposure.family)
            }
        } catch {
            throw .notShown(error)
        }
        let key = ledger.key(CanonicalEncoding.bytes(of: attributes), of: metric)
        let series = try restoreSeries(exposure, of: content, in: &ledger)
        let birth = StreamBirth(
            metric: metric, series: series, next: ledger.exposed[series].firstStream, key: key,
            alias: ledger.fingerprint(raw, parent: metric.number << 1 | UInt32(encoding.rawValue)),
            weight: StateWeight.stream + raw.count, lastSeen: 0)
        ledger.streams.restore(number, birth, order: order)
        ledger.exposed.setFirstStream(of: series, to: number)
        ledger.identities.retain(metric: metric)
        ledger.signs.note(number, of: content.identity, attributes)
    }

    private func restoreSeries(
        _ exposure: Exposure, of metric: MetricContent, in ledger: inout Ledger
    ) throws(StateFault) -> SeriesID {
        let family: FamilyID
        switch ledger.exposed.findFamily(exposure.family, now: ledger.lastArrival) {
        case .known(let number): family = number
        case .absent, .conflict: family = ledger.exposed.insertFamily(exposure.family)
        }
        if ledger.exposed.family(family).help.isEmpty { ledger.exposed.setHelp(of: family, to: metric.help) }
        if let known = ledger.exposed.find(exposure.labels, in: family) {
            guard ledger.isAlike(known, to: metric.rule) else { throw .notShown(.typeConflict) }
            return known
        }
        return ledger.insertSeries(exposure.labels, in: family, startTime: 0, zeroUntil: .max)
    }

    private func restoreTotal(
        _ number: StreamID, _ reader: inout StateReader, in ledger: inout Ledger
    ) throws(StateFault) {
        guard ledger.streams.holds(number) else { throw .orphan }
        guard case .released = ledger.streams[number].state else { throw .outOfRange }
        let lastSeen = try reader.number()
        let isWithdrawn = try reader.flag()
        let startTime = try reader.number()
        let zeroUntil = try reader.number()
        let exposedTime = try reader.optional(ExposedTime.self)
        let read = try StreamState(from: &reader)
        try reader.end()
        let (series, metric) = (ledger.streams[number].series, ledger.streams[number].metric)
        let content = ledger.identities[metric: metric]
        guard let state = read.following(content.rule, startTime: startTime, lastSeen: lastSeen)
        else { throw .outOfRange }
        ledger.streams[stateOf: number] = state
        ledger.streams.noteArrival(of: number, at: lastSeen)
        ledger.grow(number, by: state.weight, lines: state.lines)
        ledger.streams.noteWriters(state.writerCount - 1)
        ledger.duplicates.noteRestored(state)
        ledger.exposed.setStartTime(of: series, to: max(ledger.exposed[series].startTime, startTime))
        // If another configuration merges series, a value that one of them has shown must not become 0 again.
        ledger.exposed.setZeroUntil(of: series, to: min(ledger.exposed[series].zeroUntil, zeroUntil))
        ledger.showing.noteZero(until: ledger.exposed[series].zeroUntil)
        if let exposedTime { ledger.exposedTimes.restore(exposedTime, of: series) }
        let family = ledger.exposed[series].family
        ledger.exposed.noteArrival(of: family, at: max(ledger.exposed.family(family).lastSeen, lastSeen))
        // A new filter hides it. If another configuration brings two types under one name, the first is shown.
        let isHidden = content.isFiltered || ledger.exposed.hasLiveRival(family, now: ledger.lastArrival)
        if !isWithdrawn, !isHidden { ledger.unhide(number) }
    }

    /// Completes the ledger after the last record.
    /// - Returns: how many streams had no total and were left out.
    mutating func finish(_ ledger: inout Ledger) -> Int {
        restoredFamily = nil
        ledger.beginReplay()
        ledger.identities.finishRestoring()
        let incomplete = ledger.streams.finishRestoring()
        for number in incomplete { removeIncomplete(number, in: &ledger) }
        linkByBirth(in: &ledger)
        ledger.identities.dropAllUnused()
        return incomplete.count
    }

    /// Restores the order of the streams of each series: newest first.
    private func linkByBirth(in ledger: inout Ledger) {
        let ordered = ledger.streams.byBirth
        for number in ordered { ledger.exposed.setFirstStream(of: ledger.streams[number].series, to: .none) }
        for number in ordered {
            let series = ledger.streams[number].series
            ledger.streams.setNext(of: number, to: ledger.exposed[series].firstStream)
            ledger.exposed.setFirstStream(of: series, to: number)
        }
    }

    /// Removes a stream without a total from its series; removes the series with its last stream.
    private func removeIncomplete(_ number: StreamID, in ledger: inout Ledger) {
        let series = ledger.streams[number].series
        let next = ledger.streams[number].next
        if ledger.exposed[series].firstStream == number {
            ledger.exposed.setFirstStream(of: series, to: next)
        } else {
            var previous = ledger.exposed[series].firstStream
            while ledger.streams[previous].next != number { previous = ledger.streams[previous].next }
            ledger.streams.setNext(of: previous, to: next)
        }
        ledger.removeStream(number)
        if ledger.exposed[series].firstStream == StreamID.none { ledger.removeSeries(series) }
    }

    /// No state of the restore is left.
    func check(_ report: inout InvariantReport) {
        report.require(restoredFamily == nil, "a family is left over from restoring")
    }
}
