import OTLP
import Series
import Testing

/// Exports that are counted in parts (`ExportParts`).
@Suite struct LongExportTests {
    @Test("an export counted in parts has the same result as at once, also if repeated", arguments: 0..<8)
    func sameAsAtOnce(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 11)
        var whole = StoreHarness()
        var parts = StoreHarness()
        for _ in 0..<3 {
            let export = Self.export(&random)
            for _ in 0..<2 {
                let (expected, counted) = (try whole.sendJSON(export), try parts.sendInParts(export))
                #expect(expected.acceptedPoints > ExportParts.room)
                #expect(counted.outcome == expected)
                #expect(counted.parts > 2)
                #expect(parts.store.counters == whole.store.counters)
                #expect(parts.exposed() == whole.exposed())
                #expect(parts.store.counts.streams == whole.store.counts.streams)
            }
        }
    }

    @Test("a point repeated between two parts counts once, and equal points of one export all count")
    func pointsBetweenParts() throws {
        var harness = StoreHarness()
        let many = (0..<1500).map { point("1", start: 0, time: Double($0 + 1)) }
        let twice = point("1", start: 0, time: 1)
        let export = Self.request([Self.deltas("c", many + [twice])])
        var others = 0
        let counted = try harness.sendInParts(export) { store in
            // The second last point of the export, and its first one again.
            others += 1
            return Self.request([Self.deltas("c", [many[1499], many[0]])])
        }
        #expect(others == counted.parts - 1)
        // 1,500 points, one of them twice; another export has already brought one of them.
        #expect(harness.exposed()["c"] == .number(.int(1501)))
        #expect(harness.store.counters.duplicatePoints == UInt64(2 * others))
    }

    @Test("S13.6 parts are older than exports between them, which does not mean that the clock was set back")
    func partsAreNoClock() throws {
        var settings = SeriesSettings()
        settings.firstSampleZero = true
        var harness = StoreHarness(settings)
        let points = (0..<1500).map { point("1", start: 0, time: Double($0 + 1)) }
        let between = Self.request([Self.deltas("d", [point("7", start: 0, time: 1)])])
        _ = try harness.sendInParts(Self.request([Self.deltas("c", points)]), pausing: 10) { _ in between }
        for family in harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9), for: .prometheus).families {
            #expect(family.samples.map(\.value) == [.number(.int(0))])
        }
    }

    @Test("parts leave out resources and scopes without metrics, but not metrics without points")
    func emptyOwners() throws {
        var harness = StoreHarness()
        let empty = #"{"resource":{"attributes":[{"key":"a","value":{"stringValue":"b"}}]},"scopeMetrics":[{}]}"#
        let lines = (0..<800).map { #"{"scopeMetrics":[{"metrics":[{"name":"e\#($0)","sum":{}}]}]}"# }
        let last = #"{"scopeMetrics":[{"metrics":[\#(gauge("g", point("4", time: 1)))]}]}"#
        let list = ([String](repeating: empty, count: 800) + lines + [last]).joined(separator: ",")
        let counted = try harness.sendInParts(#"{"resourceMetrics":[\#(list)]}"#)
        #expect(counted.parts == 2)
        #expect(counted.outcome == ExportOutcome(acceptedPoints: 1))
        #expect(harness.exposed() == ["g": .number(.int(4))])
    }

    @Test("parts have fewer points if these have long attributes or exemplars")
    func heavyPoints() throws {
        var harness = StoreHarness()
        let long = String(repeating: "x", count: 5_000)
        let points = (0..<200).map { point("1", start: 0, time: 1, attributes: [("a", "\($0)"), ("b", long)]) }
        let counted = try harness.sendInParts(Self.request([Self.deltas("c", points)]))
        #expect(counted.outcome.acceptedPoints == 200)
        #expect(counted.parts == 4)
        let exemplars = (0..<1_200).map { #"{"asInt":"1","timeUnixNano":"\#(nanoseconds(Double($0)))"}"# }
        let list = exemplars.joined(separator: ",")
        let heavy = (1...3).map {
            #"{"asInt":"1","timeUnixNano":"\#(nanoseconds(Double($0)))","exemplars":[\#(list)]}"#
        }
        let withExemplars = try harness.sendInParts(Self.request([Self.deltas("e", heavy)]))
        #expect(withExemplars.parts == 3)
        #expect(withExemplars.outcome.acceptedPoints == 3)
        // 1,000 of each.
        #expect(withExemplars.outcome.losses[.exemplar] == 600)
    }

    // MARK: - Exports

    private static func request(_ metrics: [String]) -> String {
        #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(metrics.joined(separator: ","))]}]}]}"#
    }

    private static func deltas(_ name: String, _ points: [String]) -> String {
        #"{"name":"\#(name)","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[\#(points.joined(separator: ","))]}}"#
    }

    /// Several resources and scopes, metrics of every kind, some 3,000 points.
    private static func export(_ random: inout SeededRandom) -> String {
        let resources = (0..<Int.random(in: 1...4, using: &random)).map { number in
            let scopes = (0..<3).map { scope in
                let metrics = (0..<Int.random(in: 2...6, using: &random)).map { _ in metric(&random) }
                return #"{"scope":{"name":"s\#(scope)"},"metrics":[\#(metrics.joined(separator: ","))]}"#
            }
            return
                #"{"resource":{"attributes":[{"key":"r","value":{"intValue":\#(number)}}]},"scopeMetrics":[\#(scopes.joined(separator: ","))]}"#
        }
        return #"{"resourceMetrics":[\#(resources.joined(separator: ","))]}"#
    }

    private static func metric(_ random: inout SeededRandom) -> String {
        let count = Int.random(in: 1...600, using: &random)
        let times = (0..<count).map { _ in Double(Int.random(in: 1..<500, using: &random)) }
        let labels = (0..<count).map { _ in "\(Int.random(in: 0..<40, using: &random))" }
        let points = zip(times, labels)
        let name = "m\(Int.random(in: 0..<3, using: &random))"
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return deltas("d" + name, points.map { point("2", start: 0, time: $0, attributes: [("l", $1)]) })
        case 1:
            let list = points.map { point("\(Int($0))", start: 0, time: $0, attributes: [("l", $1)]) }
            return
                #"{"name":"c\#(name)","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[\#(list.joined(separator: ","))]}}"#
        case 2:
            let list = points.map { time, label in
                #"{"attributes":[{"key":"l","value":{"stringValue":"\#(label)"}}],"timeUnixNano":"\#(nanoseconds(time))","count":"3","sum":4.5,"bucketCounts":["1","2"],"explicitBounds":[1],"exemplars":[{"asDouble":2,"timeUnixNano":"\#(nanoseconds(time))","spanId":"00000000000000ab"}]}"#
            }
            return
                #"{"name":"h\#(name)","histogram":{"aggregationTemporality":1,"dataPoints":[\#(list.joined(separator: ","))]}}"#
        default:
            let list = points.map { time, label in
                #"{"attributes":[{"key":"l","value":{"stringValue":"\#(label)"}}],"timeUnixNano":"\#(nanoseconds(time))","count":"3","sum":4.5,"quantileValues":[{"quantile":0.5,"value":\#(time)}]}"#
            }
            return #"{"name":"s\#(name)","summary":{"dataPoints":[\#(list.joined(separator: ","))]}}"#
        }
    }
}

extension StoreHarness {
    /// Sends one export in JSON that is counted in parts.
    /// - Parameters:
    ///   - seconds: how long each part takes.
    ///   - between: creates the export sent after each part except the last; nil: none.
    fileprivate mutating func sendInParts(
        _ text: String, pausing seconds: Double = 0, between: ((borrowing SeriesStore) -> String?)? = nil
    ) throws -> (outcome: ExportOutcome, parts: Int) {
        var whole = MetricsBatch()
        var part = MetricsBatch()
        var parts = ExportParts()
        var request = PartialRequest()
        var (outcome, count) = (ExportOutcome(), 0)
        let body = Array(text.utf8)
        let arrival = UnixNanoseconds(now * 1e9)
        try body.withUnsafeBytes { bytes in
            try whole.decode(bytes, as: .json)
            let isLong = whole.isLong
            #expect(isLong)
            repeat {
                parts.takeNext(of: whole, into: &part)
                let points = part.pointCount
                #expect(points <= ExportParts.room)
                outcome.add(try store.ingestPart(part, of: &request, receivedAt: arrival))
                count += 1
                now += seconds
                if !parts.isOver(whole), let other = between?(store) { try sendJSON(other) }
            } while !parts.isOver(whole)
        }
        return (outcome, count)
    }
}
