import Events
import OTLP
import Settings

/// A logs export in JSON, so that a test reads like its rule, and its derived metrics.
struct EventExport {
    var records: [String] = []
    var scope = "com.anthropic.claude_code.events"
    var resource = #"{"key":"service.name","value":{"stringValue":"claude-code"}}"#

    var json: String {
        #"{"resourceLogs":[{"resource":{"attributes":[\#(resource)]},"scopeLogs":[{"scope":{"name":"\#(scope)"},"logRecords":[\#(records.joined(separator: ","))]}]}]}"#
    }

    /// A record with these attributes; numbers and bools by their form, text in quotes.
    /// - Parameter sequence: nil: the record has no sequence.
    static func record(
        _ name: String, sequence: Int? = 1, session: String? = "s-1", time: Int? = 1,
        _ attributes: [String: String] = [:]
    ) -> String {
        var all = attributes.mapValues(anyValue)
        all["event.name"] = anyValue("\"\(name)\"")
        if let session { all["session.id"] = anyValue("\"\(session)\"") }
        if let sequence { all["event.sequence"] = anyValue("\(sequence)") }
        if let time { all["event.timestamp"] = anyValue("\"2026-11-21T10:00:00.\(100 + time)Z\"") }
        let list = all.sorted { $0.key < $1.key }.map { #"{"key":"\#($0.key)","value":\#($0.value)}"# }
        let times = time.map { #""timeUnixNano":"\#(1_700_000_000_000_000_000 + $0 * 1_000_000)","# } ?? ""
        return
            #"{\#(times)"body":{"stringValue":"claude_code.\#(name)"},"attributes":[\#(list.joined(separator: ","))]}"#
    }

    private static func anyValue(_ text: String) -> String {
        if text.hasPrefix("\"") { return #"{"stringValue":\#(text)}"# }
        if text == "true" || text == "false" { return #"{"boolValue":\#(text)}"# }
        return text.contains(".") ? #"{"doubleValue":\#(text)}"# : #"{"intValue":"\#(text)"}"#
    }
}

/// The metrics derived from exports.
struct Derived {
    var export: DerivedExport
    /// `metric{label=value,…}` with its increment, in order of the export; for histograms the sum.
    var points: [String: [NumberValue]] = [:]
    /// The same with the counts of the buckets.
    var buckets: [String: [[UInt64]]] = [:]
    /// Of exponential histograms: scale, zero count, offset and counts.
    var native: [String: String] = [:]
    /// Start time and time of each point.
    var identities: [[UInt64]] = []
    var resources: [Resource] = []

    init(_ export: DerivedExport) throws {
        self.export = export
        var batch = MetricsBatch()
        let reader = AttributeReader(encoding: .protobuf)
        try export.body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: .protobuf)
            for resource in batch.resources { resources.append(try reader.resource(resource.bytes)) }
            for metric in batch.metrics {
                let name = String(decoding: metric.name, as: UTF8.self)
                for index in metric.points {
                    if metric.kind == .exponentialHistogram {
                        let point = batch.points.exponentialHistograms[index]
                        let key = try name + Self.labels(point.header.attributes, reader)
                        points[key, default: []].append(.double(point.sum ?? .nan))
                        native[key] =
                            "\(point.scale) \(point.zeroCount) \(point.positive.offset) \(Array(batch.points.bucketCounts[point.positive.counts]))"
                        identities.append([point.header.startTime, point.header.time])
                        continue
                    }
                    guard metric.kind == .histogram else {
                        let point = batch.points.numbers[index]
                        points[try name + Self.labels(point.attributes, reader), default: []].append(point.value)
                        identities.append([point.startTime, point.time])
                        continue
                    }
                    let point = batch.points.histograms[index]
                    let key = try name + Self.labels(point.header.attributes, reader)
                    points[key, default: []].append(.double(point.sum ?? .nan))
                    buckets[key, default: []].append(Array(batch.points.bucketCounts[point.bucketCounts]))
                    identities.append([point.header.startTime, point.header.time])
                }
            }
        }
    }

    private static func labels(_ raw: UnsafeRawBufferPointer, _ reader: AttributeReader) throws -> String {
        let labels = try reader.attributes(raw).map { attribute in
            guard let text = attribute.value.shownText else { return "not a string" }
            return "\(String(decoding: attribute.key, as: UTF8.self))=\(String(decoding: text, as: UTF8.self))"
        }
        return labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
    }
}

/// Counts exports one after the other.
struct EventHarness: ~Copyable {
    var batch = LogsBatch()
    var counting: EventCounting

    init(_ settings: EventSettings = EventSettings()) { counting = EventCounting(settings) }

    /// Counts by these rules only.
    init(rules: [EventRule]) {
        var settings = EventSettings()
        settings.metrics.hasBuiltInRules = false
        settings.metrics.rules = rules
        self.init(settings)
    }

    mutating func derive(_ records: String..., scope: String? = nil) throws -> Derived {
        var export = EventExport(records: records)
        if let scope { export.scope = scope }
        return try derive(Array(export.json.utf8), as: .json)
    }

    mutating func derive(_ body: [UInt8], as encoding: WireEncoding) throws -> Derived {
        try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: encoding)
            return try Derived(try counting.count(batch))
        }
    }
}

extension AttributeValue {
    /// The value of a label: text, or the single text of a map with its source.
    var shownText: [UInt8]? {
        switch self {
        case .string(let text): text
        case .keyValues(let entries) where entries.count == 1: entries[0].value.shownText
        default: nil
        }
    }
}
