/// A metrics export as a value, which can be written in both encodings.
struct DraftExport {
    /// An attribute's value; `none` is an AnyValue without a member.
    indirect enum Value {
        case none
        case string(String)
        case bool(Bool)
        case int(Int64)
        case double(Double)
        case bytes([UInt8])
        case array([Value])
        case map([Attribute])
    }

    struct Attribute {
        var key: String
        var value: Value
    }

    enum Kind: CaseIterable {
        case gauge
        case counter
        case upDownCounter
        case histogram
    }

    enum Number {
        case missing
        case int(Int64)
        case double(Double)
        /// A histogram, which may be inconsistent.
        case buckets(Buckets)
    }

    struct Buckets {
        var bounds: [Double]
        var counts: [UInt64]
        var count: UInt64
        var sum: Double?
    }

    struct Point {
        var attributes: [Attribute]
        var startTime: UInt64
        var time: UInt64
        var number: Number
        var flags: UInt32
    }

    struct Metric {
        var name: String
        var unit: String
        var kind: Kind
        /// As on the wire; for sums.
        var temporality: Int
        var points: [Point]
    }

    var resource: [Attribute]
    var scopeName: String
    var scopeVersion: String
    var metrics: [Metric]
}

/// Builds one protobuf message.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func field(_ number: UInt64, varint value: UInt64) {
        varint(number << 3)
        varint(value)
    }

    mutating func field(_ number: UInt64, fixed64 value: UInt64) {
        varint(number << 3 | 1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func field(_ number: UInt64, _ content: [UInt8]) {
        varint(number << 3 | 2)
        varint(UInt64(content.count))
        bytes += content
    }

    mutating func field(_ number: UInt64, _ text: String) {
        if !text.isEmpty { field(number, Array(text.utf8)) }
    }

    mutating func field(_ number: UInt64, _ build: (inout MessageWriter) -> Void) {
        var inner = MessageWriter()
        build(&inner)
        field(number, inner.bytes)
    }
}

extension DraftExport {
    /// ExportMetricsServiceRequest in protobuf, with one resource and one scope.
    var protobuf: [UInt8] {
        var request = MessageWriter()
        request.field(1) { resourceMetrics in
            resourceMetrics.field(1) { Self.write(resource, as: 1, to: &$0) }
            resourceMetrics.field(2) { scopeMetrics in
                scopeMetrics.field(1) {
                    $0.field(1, scopeName)
                    $0.field(2, scopeVersion)
                }
                for metric in metrics { scopeMetrics.field(2) { Self.write(metric, to: &$0) } }
            }
        }
        return request.bytes
    }

    private static func write(_ metric: Metric, to message: inout MessageWriter) {
        message.field(1, metric.name)
        message.field(3, metric.unit)
        let member: UInt64 =
            switch metric.kind {
            case .gauge: 5
            case .counter, .upDownCounter: 7
            case .histogram: 9
            }
        message.field(member) { data in
            for point in metric.points { data.field(1) { write(point, of: metric.kind, to: &$0) } }
            if metric.kind != .gauge { data.field(2, varint: UInt64(metric.temporality)) }
            if metric.kind == .counter { data.field(3, varint: 1) }
        }
    }

    private static func write(_ point: Point, of kind: Kind, to message: inout MessageWriter) {
        write(point.attributes, as: kind == .histogram ? 9 : 7, to: &message)
        if point.startTime != 0 { message.field(2, fixed64: point.startTime) }
        if point.time != 0 { message.field(3, fixed64: point.time) }
        switch point.number {
        case .missing: break
        case .int(let number): message.field(6, fixed64: UInt64(bitPattern: number))
        case .double(let number): message.field(4, fixed64: number.bitPattern)
        case .buckets(let buckets):
            message.field(4, fixed64: buckets.count)
            if let sum = buckets.sum { message.field(5, fixed64: sum.bitPattern) }
            // Packed or not, at random.
            if buckets.count % 2 == 0 {
                message.field(6, buckets.counts.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } })
            } else {
                for count in buckets.counts { message.field(6, fixed64: count) }
            }
            for bound in buckets.bounds { message.field(7, fixed64: bound.bitPattern) }
        }
        if point.flags != 0 { message.field(kind == .histogram ? 10 : 8, varint: UInt64(point.flags)) }
    }

    private static func write(_ attributes: [Attribute], as number: UInt64, to message: inout MessageWriter) {
        for attribute in attributes {
            message.field(number) {
                $0.field(1, attribute.key)
                $0.field(2) { write(attribute.value, to: &$0) }
            }
        }
    }

    private static func write(_ value: Value, to message: inout MessageWriter) {
        switch value {
        case .none: break
        case .string(let text): message.field(1, Array(text.utf8))
        case .bool(let flag): message.field(2, varint: flag ? 1 : 0)
        case .int(let number): message.field(3, varint: UInt64(bitPattern: number))
        case .double(let number): message.field(4, fixed64: number.bitPattern)
        case .bytes(let bytes): message.field(7, bytes)
        case .array(let values):
            message.field(5) { array in
                for value in values { array.field(1) { write(value, to: &$0) } }
            }
        case .map(let attributes): message.field(6) { write(attributes, as: 1, to: &$0) }
        }
    }
}
