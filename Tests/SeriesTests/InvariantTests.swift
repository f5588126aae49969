import OTLP
import Testing

@testable import Series

/// `checkInvariants` reports nothing for a correct store, and finds every violation.
@Suite struct InvariantTests {
    /// A store with something of every kind: counters with two writers, gauges of two streams in one series, histograms
    /// of both kinds, exemplars, further raw forms, events, descriptions, and tombstones.
    private static func harness() throws -> StoreHarness {
        var settings = SeriesSettings()
        settings.signsOfLife = SignsOfLife(metrics: [Array("c".utf8)], attributes: [Array("a".utf8)])
        settings.tracksExposedTimes = true
        var harness = StoreHarness(settings, tracksChanges: true)
        let both = [("a", "1"), ("b", "2")]
        try harness.send(
            #"{"name":"c","description":"D","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[\#(point("1", start: 0, time: 10, attributes: both))]}}"#,
            sum("w", .cumulative, point("1", start: 0, time: 10) + "," + point("1", start: 5, time: 10)),
            gauge("g", point("1", time: 10)))
        let reversed = point("1", start: 10, time: 20, attributes: both.reversed())
        try harness.send(sum("c", .delta, reversed))
        try harness.send(gauge("g", point("2", time: 20)), resource: #"{"key":"r","value":{"stringValue":"2"}}"#)
        let event = point("1", start: 7, time: 30, flags: Int(PointFlags.isEvent))
        try harness.send(sum("e", .delta, event))
        let exemplar = TestExemplar(value: .int(1), time: 10, filtered: "k")
        try harness.send(
            histogram("h", .delta, bucketed([1, 2], [1, 2, 3], time: 10, exemplars: [exemplar])),
            exponential("x", .delta, TestPoint(start: 0, time: 10, positive: (0, [1, 2]))),
            summary("q", TestPoint(time: 10, quantiles: [(0.5, 1)])))
        try harness.send(sum("gone", .cumulative, point("1", start: 0, time: 10)))
        #expect(harness.store.forget { family, _ in family.name == Array("gone".utf8) } == 1)
        return harness
    }

    @Test("a store with something of every kind has no violation, also with tracked changes")
    func nothingIsWrong() throws {
        var harness = try Self.harness()
        #expect(harness.store.checkInvariants() == [])
        #expect(harness.store.counts.tombstones == 1 && harness.store.counts.writers == 9)
        #expect(harness.samples().first?.exemplars.count == 1)
        #expect(
            harness.store.held.ledger.streams.furtherAliasCount > 0
                && harness.store.held.ledger.duplicates.windowCount > 0)
        #expect(harness.store.held.ledger.signs.count == 1 && harness.store.held.ledger.duplicates.eventCount == 1)
        var state = MemoryState()
        harness.checkpoint(into: &state)
        #expect(harness.store.checkInvariants() == [])
        harness.store.changesEnded(areWritten: true)
        #expect(harness.store.checkInvariants() == [])
    }

    @Test("every wrong count is found", arguments: Ledger.keptCounts.indices)
    func wrongCounts(position: Int) throws {
        let (name, change) = Ledger.keptCounts[position]
        var harness = try Self.harness()
        harness.isDamaged = true
        change(&harness.store.held.ledger)
        #expect(harness.store.checkInvariants() != [], "\(name)")
    }

    private typealias Fault = (name: String, make: (inout SeriesStore) -> Void)

    /// Wrong links between records.
    private static var linkFaults: [Fault] { streamFaults + seriesFaults }

    /// Links of streams and identities.
    private static var streamFaults: [Fault] {
        let identities = Identities.inside
        let streams = StreamTable.inside
        return [
            ("a live stream is free", { $0.held.ledger.streams[keyPath: streams.free].append(0) }),
            ("a vacant stream is not free", { $0.held.ledger.streams[keyPath: streams.free].removeAll() }),
            ("a list of streams with a loop", { $0.held.ledger.streams.setNext(of: 0, to: 0) }),
            ("a list that comes to nothing", { $0.held.ledger.streams.setNext(of: 0, to: 1000) }),
            ("a stream of another series", { $0.held.ledger.streams[keyPath: streams.rows][0].series = 1 }),
            ("a stream of a metric that is gone", { $0.held.ledger.streams[keyPath: streams.rows][0].metric = 1000 }),
            (
                "a stream that is withdrawn, and counted",
                { $0.held.ledger.streams[keyPath: streams.rows][0].isWithdrawn.toggle() }
            ),
            ("a stream without its state", { $0.held.ledger.streams[stateOf: 0] = .released }),
            (
                "a stream with the alias of another one",
                { $0.held.ledger.streams[keyPath: streams.rows][0].alias = $0.held.ledger.streams[1].alias }
            ),
            (
                "a stream that its key does not find",
                { $0.held.ledger.streams[keyPath: streams.index].remove($0.held.ledger.streams[0].key.hash, 0) }
            ),
            ("a key that finds a vacant stream", { $0.held.ledger.streams[keyPath: streams.index].insert(7, 1000) }),
            (
                "an alias that finds no stream",
                { $0.held.ledger.streams[keyPath: streams.aliases].remove($0.held.ledger.streams[0].alias) }
            ),
            (
                "a metric that nothing refers to",
                { $0.held.ledger.identities[keyPath: identities.metrics].giveBack($0.held.ledger.streams[0].metric) }
            ),
            ("a unit that finds no metric", { $0.held.ledger.identities[keyPath: identities.units] = MetricUnits() }),
            (
                "signs of a vacant stream",
                {
                    let metric = $0.held.ledger.identities[metric: $0.held.ledger.streams[0].metric].identity
                    $0.held.ledger.signs.note(1000, of: metric, [Attribute(key: Array("a".utf8), value: .bool(true))])
                }
            ),
            ("a target whose resource is gone", { $0.held.ledger.identities.noteTarget(1000, seen: 1) }),
            (
                "a change that is not noted",
                { $0.held.ledger.changes[keyPath: StreamChanges.insideStreams] = ChangeList() }
            ),
            ("changes of some kinds only", { $0.held.ledger.tombstones = Tombstones() }),
            (
                "an identity that waits to be dropped",
                { $0.held.ledger.identities[keyPath: identities.unusedMetrics].append(0) }
            ),
        ]
    }

    /// Links of series and families.
    private static var seriesFaults: [Fault] {
        let series = ExposedSeries.inside
        let families = (
            rows: series.families.appending(path: FamilyTable.inside.rows),
            free: series.families.appending(path: FamilyTable.inside.free),
            numbers: series.families.appending(path: FamilyTable.inside.numbers)
        )
        return [
            ("a live series is free", { $0.held.ledger.exposed[keyPath: series.free].append(0) }),
            (
                "a vacant series is free twice",
                { $0.held.ledger.exposed[keyPath: series.free] += $0.held.ledger.exposed[keyPath: series.free] }
            ),
            ("a vacant family is not free", { $0.held.ledger.exposed[keyPath: families.free].removeAll() }),
            ("a free row that is not there", { $0.held.ledger.exposed[keyPath: families.free].append(1000) }),
            ("a stream in no list", { $0.held.ledger.exposed.setFirstStream(of: 0, to: .none) }),
            (
                "a series that its labels do not find",
                { $0.held.ledger.exposed[keyPath: series.rows][0].labels.append(1) }
            ),
            ("a series of another family", { $0.held.ledger.exposed[keyPath: series.rows][0].family = 1 }),
            ("a series twice in its family", { $0.held.ledger.exposed[keyPath: families.rows][0].append(0) }),
            (
                "a family that its name does not find",
                {
                    $0.held.ledger.exposed[keyPath: families.numbers][
                        $0.held.ledger.exposed.family(0).descriptor.name] = nil
                }
            ),
            ("a rival that there is not", { $0.held.ledger.exposed[keyPath: families.rows][0].hasRival.toggle() }),
            (
                "exemplars of a vacant series",
                {
                    $0.held.ledger.exemplars.keep(
                        SampleExemplar(labels: [], value: .int(1), time: 1), at: .counter, of: SeriesID(1000))
                }
            ),
            ("a series that is 0 for longer than any", { $0.held.ledger.exposed.setZeroUntil(of: 0, to: .max) }),
            ("a time that is not exposed", { $0.held.ledger.exposedTimes = ExposedTimes(areKept: true) }),
            (
                "a time between two milliseconds",
                { $0.held.ledger.exposedTimes.restore(ExposedTime(time: .max), of: SeriesID(0)) }
            ),
            (
                "evictions out of order",
                {
                    $0.held.setEvictionQueue([
                        EvictionCandidate(number: 0, lastSeen: 1), EvictionCandidate(number: 1, lastSeen: 2),
                    ])
                }
            ),
        ]
    }

    @Test("every wrong link is found", arguments: linkFaults.indices)
    func wrongLinks(position: Int) throws {
        let (name, make) = Self.linkFaults[position]
        var harness = try Self.harness()
        harness.isDamaged = true
        make(&harness.store)
        #expect(harness.store.checkInvariants() != [], "\(name)")
    }
}

extension RowID: ExpressibleByIntegerLiteral {
    public init(integerLiteral number: UInt32) { self.init(number) }
}
