/// Delimited `io.prometheus.client.MetricFamily` messages, normalised for comparison. An empty label equals none; spans
/// and differences of native histograms become counts by bucket.
///
/// For these tests only; shares no code with the program.
struct ExpositionMessages: Equatable {
    struct Family: Equatable {
        var help: String
        var type: UInt64
        var series: [[String: String]: Value] = [:]
    }

    struct Value: Equatable {
        /// The value of a counter, gauge or untyped metric; nil for the others.
        var number: Double?
        var histogram: Histogram?
    }

    struct Histogram: Equatable {
        var count: UInt64
        var sum: Double
        /// Classic buckets by upper bound.
        var buckets: [Double: UInt64] = [:]
        var schema: Int64
        var zeroThreshold: Double
        var zeroCount: UInt64
        /// Native buckets that are not empty, by index.
        var positive: [Int64: Int64]
        var negative: [Int64: Int64]
    }

    struct Fault: Error {
        var reason: String
    }

    private(set) var families: [String: Family] = [:]

    init(_ bytes: [UInt8]) throws {
        guard let messages = ProtobufFields.delimited(bytes) else { throw Fault(reason: "not delimited") }
        for message in messages {
            guard let name = message.text(1), families[name] == nil else { throw Fault(reason: "family name") }
            var family = Family(help: message.text(2) ?? "", type: message.varint(3) ?? 0)
            for bytes in message.all(4) {
                guard let metric = ProtobufFields(bytes) else { throw Fault(reason: "metric of \(name)") }
                let labels = try Self.labels(metric)
                guard family.series.updateValue(try Self.value(metric), forKey: labels) == nil else {
                    throw Fault(reason: "series twice in \(name)")
                }
            }
            families[name] = family
        }
    }

    private static func labels(_ metric: ProtobufFields) throws -> [String: String] {
        var labels: [String: String] = [:]
        for bytes in metric.all(1) {
            guard let pair = ProtobufFields(bytes), let name = pair.text(1) else { throw Fault(reason: "label") }
            if let value = pair.text(2), !value.isEmpty { labels[name] = value }
        }
        return labels
    }

    private static func value(_ metric: ProtobufFields) throws -> Value {
        if let histogram = metric.message(7) { return Value(histogram: try self.histogram(histogram)) }
        // Gauge, counter, untyped.
        guard let number = [2, 3, 5].lazy.compactMap({ metric.message($0)?.double(1) }).first else {
            throw Fault(reason: "no value")
        }
        return Value(number: number)
    }

    private static func histogram(_ message: ProtobufFields) throws -> Histogram {
        var result = Histogram(
            count: message.varint(1) ?? 0, sum: message.double(2) ?? 0, schema: signed(message.varint(5) ?? 0),
            zeroThreshold: message.double(6) ?? 0, zeroCount: message.varint(7) ?? 0,
            positive: try buckets(message.all(12), message.varints(13)),
            negative: try buckets(message.all(9), message.varints(10)))
        for bytes in message.all(3) {
            guard let bucket = ProtobufFields(bytes) else { throw Fault(reason: "bucket") }
            result.buckets[bucket.double(2) ?? 0] = bucket.varint(1) ?? 0
        }
        return result
    }

    private static func buckets(_ spans: [[UInt8]], _ deltas: [UInt64]?) throws -> [Int64: Int64] {
        guard var rest = deltas?[...] else { throw Fault(reason: "counts of buckets") }
        var result: [Int64: Int64] = [:]
        var index: Int64 = 0
        var count: Int64 = 0
        for bytes in spans {
            guard let span = ProtobufFields(bytes) else { throw Fault(reason: "span") }
            index += signed(span.varint(1) ?? 0)
            for _ in 0..<(span.varint(2) ?? 0) {
                guard let delta = rest.popFirst() else { throw Fault(reason: "spans without counts") }
                count += signed(delta)
                if count != 0 { result[index] = count }
                index += 1
            }
        }
        guard rest.isEmpty else { throw Fault(reason: "counts without spans") }
        return result
    }

    /// Decodes zig-zag encoding.
    private static func signed(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(value & 1) }
}
