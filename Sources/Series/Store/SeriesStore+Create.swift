internal import OTLP

/// New streams: decoded, translated and given a place once.
extension SeriesStore {
    /// What a lookup of attributes that were new to the request gave.
    enum StreamLookup {
        case known(StreamID)
        case new(NewStream)
        case rejected(RejectionReason)
    }

    /// A stream that is decoded and translated but not yet made.
    struct NewStream {
        var raw: UnsafeRawBufferPointer
        var alias: Fingerprint
        var key: StreamKey
        var attributes: [Attribute]
        var exposure: Exposure
    }

    /// Finds the stream by its raw attributes (an earlier point of the request may have made it), then by its canonical
    /// form (then the raw bytes become one more alias), else decodes and translates it.
    mutating func findOrDescribeStream(_ raw: UnsafeRawBufferPointer, context: PointContext) -> StreamLookup {
        let alias = fingerprint(raw, parent: context.aliasParent)
        if let known = streams.find(alias) { return .known(known) }
        guard raw.count <= settings.rawAttributesLimitBytes else { return .rejected(.labelLimit) }
        guard let attributes = canonicalAttributes(raw, encoding: context.encoding) else {
            return .rejected(.invalidText)
        }
        // Of what was read: what is left out may be of any length.
        let canonical = canonicalBytes(attributes)
        guard canonical.count <= settings.attributesLimitBytes else { return .rejected(.labelLimit) }
        let key = streamKey(canonical, of: context.metric)
        if let known = streams.find(key) {
            streams.addAlias(alias, to: known)
            return .known(known)
        }
        let identity = identities.identity(ofStreamOf: context.metric, attributes)
        do throws(RejectionReason) {
            let exposure = try translation.exposure(of: identity)
            if let reserved = settings.reservedPrefix, exposure.family.name.starts(with: reserved) {
                return .rejected(.reservedName)
            }
            return .new(NewStream(raw: raw, alias: alias, key: key, attributes: attributes, exposure: exposure))
        } catch {
            return .rejected(error)
        }
    }

    /// The attributes in canonical order, nil when one is not text. They were decoded without error when the request was
    /// resolved.
    func canonicalAttributes(_ raw: UnsafeRawBufferPointer, encoding: WireEncoding) -> [Attribute]? {
        let reader = AttributeReader(encoding: encoding, limits: decodingLimits)
        // Noted when the request was resolved.
        var losses = DecodingLosses()
        do throws(DecodingFailure) {
            return try reader.attributesIfText(raw, losses: &losses).map(CanonicalEncoding.sorted)
        } catch {
            preconditionFailure("attributes that were resolved can be decoded")
        }
    }

    func canonicalBytes(_ attributes: [Attribute]) -> [UInt8] {
        var canonical: [UInt8] = []
        canonical.reserveCapacity(512)
        CanonicalEncoding.append(attributes, to: &canonical)
        return canonical
    }

    /// What the canonical form of a stream's attributes is known by.
    func streamKey(_ canonical: [UInt8], of metric: UInt32) -> StreamKey {
        canonical.withUnsafeBytes {
            StreamKey(
                hash: hash($0, parent: identities.contentHash(ofMetric: metric)),
                fingerprint: fingerprint($0, parent: metric))
        }
    }

    /// Makes a stream with its first point.
    /// - Returns: why there is no room for it, nil when it was made.
    mutating func create<Value: PointValue>(_ new: NewStream, first arrival: PointArrival<Value>) -> RejectionReason? {
        let bytes = weight(of: new, first: arrival.value)
        guard makeRoom(forBytes: bytes, now: arrival.context.now) else {
            return .stateMemory
        }
        let known: FamilyID?
        switch exposed.findFamily(new.exposure.family, now: arrival.context.now) {
        case .conflict: return .typeConflict
        case .known(let number): known = number
        case .absent: known = nil
        }
        let existing = known.flatMap { exposed.find(new.exposure.labels, in: $0) }
        if let existing, !isAlike(existing, to: arrival.context.rule) { return .typeConflict }
        guard hasRoomOnPage(for: new, lines: arrival.value.lines, existing: existing, family: known) else {
            return .pageLimit
        }
        guard existing != nil || makeRoomForSeries(now: arrival.context.now) else { return .seriesLimit }
        // A series that is there keeps a stream of those folded.
        if existing != nil { foldCrowd(now: arrival.context.now) }
        let hasRoom =
            makeRoomForWriter(identity: new.key.hash, startTime: arrival.startTime)
            || foldForRoom(now: arrival.context.now)
                && makeRoomForWriter(identity: new.key.hash, startTime: arrival.startTime)
        guard hasRoom else { return .writerLimit }
        // Making room may have taken the family's last series, and the family with it.
        let family = known.flatMap { exposed.holds($0) ? $0 : nil } ?? exposed.insertFamily(new.exposure.family)
        describe(family, by: arrival.context)
        let seriesNumber =
            existing
            ?? insertSeries(
                new.exposure.labels, in: family, startTime: startTime(of: arrival),
                zeroUntil: zeroUntil(of: arrival, identity: new.key.hash))
        if existing == nil { showing.noteZero(until: exposed[seriesNumber].zeroUntil) }
        exposed.show(arrival.value.lines, of: seriesNumber)
        insertStream(new, in: seriesNumber, first: arrival)
        exposedTimes.move(seriesNumber, to: arrival.shownTime, request: request, now: arrival.context.now)
        exposed.activate(seriesNumber)
        exposed.noteArrival(of: family, at: arrival.context.now)
        withdrawOtherUnits(new.raw, context: arrival.context)
        return nil
    }

    /// What a new stream adds, with a series of its own.
    private func weight<Value: PointValue>(of new: NewStream, first value: Value) -> Int {
        StateWeight.stream + StateWeight.writer + StateWeight.series + StateWeight.family + new.raw.count
            + new.exposure.labels.count + 2 * new.exposure.family.name.count + value.weight
    }

    private func hasRoomOnPage(for new: NewStream, lines: Int, existing: SeriesID?, family: FamilyID?) -> Bool {
        if let existing { return hasRoom(for: lines, of: existing) }
        return hasRoom(
            onPageForBytes: ExposedSeries.pageBytes(of: new.exposure, lines: lines, hasFamily: family != nil))
    }

    /// The first description that is not empty becomes the family's help. Until it is shown, the metric that it is of
    /// may change it, as in the Collector.
    mutating func describe(_ family: FamilyID, by context: PointContext) {
        guard exposed.mayChangeHelp(of: family, to: context.description) else { return }
        let known = exposed.family(family).help
        guard known.isEmpty || identities[metric: context.metric].help == known else { return }
        let growth = context.description.count - known.count
        guard exposed.helpBytes + growth <= settings.helpMemoryLimitBytes, hasRoom(onPageForBytes: growth)
        else { return }
        let help = [UInt8](context.description)
        exposed.setHelp(of: family, to: help)
        identities.setHelp(ofMetric: context.metric, to: help)
    }

    /// A series shows one kind of value, both kinds of histogram for one.
    func isAlike(_ number: SeriesID, to rule: StreamRule) -> Bool {
        let first = exposed[number].firstStream
        return first == StreamID.none || identities[metric: streams[first].metric].rule.shape.addsUp(with: rule.shape)
    }

    /// When the total of a series born with this point started; a delta's start, a cumulative writer's start.
    private func startTime<Value>(of arrival: PointArrival<Value>) -> UnixNanoseconds {
        arrival.context.rule.isMonotonic ? arrival.startTime : 0
    }

    private func zeroUntil<Value>(of arrival: PointArrival<Value>, identity: UInt64) -> UnixNanoseconds {
        showing.zeroUntil(
            of: arrival, returns: tombstones.holds(identity: identity, startTime: arrival.startTime))
    }

    mutating func insertSeries(
        _ labels: [UInt8], in family: FamilyID, startTime: UnixNanoseconds, zeroUntil: UnixNanoseconds
    ) -> SeriesID {
        let number = exposed.insert(labels, in: family, startTime: startTime, zeroUntil: zeroUntil)
        exposedTimes.insert(number)
        return number
    }

    private mutating func insertStream<Value: PointValue>(
        _ new: NewStream, in seriesNumber: SeriesID, first arrival: PointArrival<Value>
    ) {
        sequence += 1
        let state = Value.firstState(of: arrival, identity: new.key.hash, in: &self)
        let birth = StreamBirth(
            metric: arrival.context.metric, series: seriesNumber, next: exposed[seriesNumber].firstStream, key: new.key,
            alias: new.alias, weight: StateWeight.stream + new.raw.count, lastSeen: arrival.context.now)
        let number = streams.insert(birth, state: state)
        exposed.setFirstStream(of: seriesNumber, to: number)
        identities.retain(metric: arrival.context.metric)
        changes.markStream(number)
        signs.note(number, of: identities[metric: arrival.context.metric].identity, new.attributes)
        if changes.isTracked { unwritten.add(number, new.raw, as: arrival.context.encoding) }
    }

    mutating func firstState(of arrival: PointArrival<SampleValue>, identity: UInt64) -> StreamState {
        switch arrival.context.rule {
        case .countDeltas, .addDeltas:
            return .accumulating(firstAccumulation(of: arrival))
        case .sumWriters:
            return .writers(CumulativeWriters(writer(for: arrival, identity: identity, isFurther: false)))
        case .latestWriter, .newest, .newestAdded, .distribution, .summary, .reject:
            return .newest(
                NewestPoint(
                    value: arrival.value, time: arrival.effectiveTime, sequence: sequence,
                    isAdded: arrival.context.rule == .newestAdded))
        }
    }

    /// A delta stream with its first point.
    mutating func firstAccumulation<Value: CountedValue>(of arrival: PointArrival<Value>) -> Accumulation<Value> {
        var accumulation = Accumulation<Value>()
        accumulation.total.add(arrival.value)
        accumulation.newestTime = arrival.time
        if arrival.time != 0 {
            remember(arrival, value: arrival.value.fingerprint(hash), in: &accumulation.windows)
        }
        return accumulation
    }
}
