import OTLP
import Series
import Testing

/// A store without translation that gets JSON, so that a test reads like its rule.
struct StoreHarness: ~Copyable {
    var store: SeriesStore
    var batch = MetricsBatch()
    /// Arrival of the next export, seconds.
    var now: Double = 1_700_000_000
    /// Whether a test has corrupted a count or link.
    var isDamaged = false

    /// - Parameters:
    ///   - filtered: the metric that is not shown.
    ///   - tracksChanges: whether there are checkpoints.
    init(_ settings: SeriesSettings = SeriesSettings(), filtered: String? = nil, tracksChanges: Bool = false) {
        // The order in which streams are added depends on the seed.
        var generator = SeededRandom(seed: 1)
        store = SeriesStore(
            settings: settings, translation: PlainTranslation(filtered: filtered.map { Array($0.utf8) }),
            using: &generator)
        if tracksChanges { store.trackChanges() }
    }

    /// The invariants hold after every test.
    deinit {
        if !isDamaged { #expect(store.checkInvariants() == []) }
    }

    /// Sends one export with these metrics (JSON objects).
    @discardableResult
    mutating func send(_ metrics: String..., resource: String = "", scope: String = "") throws -> ExportOutcome {
        let resourceText = resource.isEmpty ? "" : #""resource":{"attributes":[\#(resource)]},"#
        let scopeText = scope.isEmpty ? "" : #""scope":\#(scope),"#
        let list = metrics.joined(separator: ",")
        return try sendJSON(
            #"{"resourceMetrics":[{\#(resourceText)"scopeMetrics":[{\#(scopeText)"metrics":[\#(list)]}]}]}"#)
    }

    @discardableResult
    mutating func sendJSON(_ text: String) throws -> ExportOutcome {
        let body = Array(text.utf8)
        return try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: .json)
            return try store.ingest(batch, receivedAt: UnixNanoseconds(now * 1e9))
        }
    }

    /// What Prometheus sees now, by the name of its family. A zero has no exemplars.
    mutating func scraped() -> [String: SeriesValue] {
        var result: [String: SeriesValue] = [:]
        for family in store.snapshot(at: UnixNanoseconds(now * 1e9), for: .prometheus).families {
            for sample in family.samples {
                result[String(decoding: family.descriptor.name, as: UTF8.self)] = sample.value
                if case .int(0) = sample.value { #expect(sample.exemplars.isEmpty) }
            }
        }
        return result
    }

    /// The current page as `name{labels}` -> value.
    mutating func exposed() -> [String: SeriesValue] {
        var result: [String: SeriesValue] = [:]
        for family in store.snapshot(at: UnixNanoseconds(now * 1e9)).families {
            for sample in family.samples {
                let labels = sample.labels.isEmpty ? "" : "{\(String(decoding: sample.labels, as: UTF8.self))}"
                result[String(decoding: family.descriptor.name, as: UTF8.self) + labels] = sample.value
            }
        }
        return result
    }

    mutating func startTime(of name: String) -> UnixNanoseconds? {
        store.snapshot(at: UnixNanoseconds(now * 1e9)).families
            .first { $0.descriptor.name == Array(name.utf8) }?.samples.first?.startTime
    }
}

/// Name and attributes unchanged.
struct PlainTranslation: StreamTranslation {
    var filtered: [UInt8]?

    func isShown(_ metric: MetricIdentity) -> Bool { metric.name != filtered }

    func exposure(of stream: StreamIdentity) throws(RejectionReason) -> Exposure {
        if stream.metric.name.isEmpty { throw .emptyName }
        let type: FamilyType
        switch stream.metric.kind {
        case .histogram: type = .histogram
        case .exponentialHistogram: type = .nativeHistogram
        case .summary: type = .summary
        case .sum: type = stream.metric.isMonotonic ? .counter : .gauge
        case .gauge, .none: type = .gauge
        }
        var labels: [UInt8] = []
        for attribute in stream.attributes {
            if !labels.isEmpty { labels.append(UInt8(ascii: ",")) }
            labels += attribute.key
            if case .string(let text) = attribute.value { labels += Array("=".utf8) + text }
        }
        return Exposure(
            family: FamilyDescriptor(name: stream.metric.name, type: type), labels: labels)
    }

    func exemplarLabels(
        traceID: UnsafeRawBufferPointer, spanID: UnsafeRawBufferPointer, attributes: [Attribute]
    ) -> [UInt8] {
        let keys = attributes.map { String(decoding: $0.key, as: UTF8.self) }.joined(separator: ",")
        return Array("\(Array(traceID))\(Array(spanID))\(keys)".utf8)
    }
}

/// Times in these tests are seconds after 1,700,000,000.
func nanoseconds(_ seconds: Double?) -> String {
    guard let seconds else { return "0" }
    return "\(1_700_000_000_000_000_000 + UInt64(seconds * 1e9))"
}

/// A data point; nil start or time: not given.
func point(
    _ value: String, start: Double? = nil, time: Double? = nil, attributes: [(String, String)] = [], flags: Int = 0
) -> String {
    let list = attributes.map { #"{"key":"\#($0.0)","value":{"stringValue":"\#($0.1)"}}"# }.joined(separator: ",")
    let valueText =
        value.isEmpty ? "" : #","\#(value.contains(where: { ".eNI".contains($0) }) ? "asDouble" : "asInt")":\#(value)"#
    return
        #"{"attributes":[\#(list)],"startTimeUnixNano":"\#(nanoseconds(start))","timeUnixNano":"\#(nanoseconds(time))","flags":\#(flags)\#(valueText)}"#
}

func sum(
    _ name: String, _ temporality: Temporality, monotonic: Bool = true, unit: String = "", _ points: String...
) -> String {
    #"{"name":"\#(name)","unit":"\#(unit)","sum":{"aggregationTemporality":\#(temporality.rawValue),"isMonotonic":\#(monotonic),"dataPoints":[\#(points.joined(separator: ","))]}}"#
}

func gauge(_ name: String, _ points: String...) -> String {
    #"{"name":"\#(name)","gauge":{"dataPoints":[\#(points.joined(separator: ","))]}}"#
}
