import Foundation

/// Converts an export from JSON to protobuf by the fields of the .proto files, independent of the decoder under test;
/// for inputs that were recorded in JSON only.
enum OTLPSchema {
    indirect enum Field: Sendable {
        case string
        case bool
        case double
        case fixed64
        case sfixed64
        case uint32
        case int64
        case sint32
        case temporality
        case identifier
        case base64
        case message(String)
        case repeated(Field)
    }

    /// Message -> key -> field number and type, of opentelemetry-proto 1.11.
    private static let messages: [String: [String: (UInt64, Field)]] = [
        "Export": ["resourceMetrics": (1, .repeated(.message("ResourceMetrics")))],
        "ResourceMetrics": [
            "resource": (1, .message("Resource")), "scopeMetrics": (2, .repeated(.message("ScopeMetrics"))),
            "schemaUrl": (3, .string),
        ],
        "Resource": ["attributes": (1, .repeated(.message("KeyValue")))],
        "ScopeMetrics": [
            "scope": (1, .message("Scope")), "metrics": (2, .repeated(.message("Metric"))), "schemaUrl": (3, .string),
        ],
        "Scope": [
            "name": (1, .string), "version": (2, .string), "attributes": (3, .repeated(.message("KeyValue"))),
        ],
        "KeyValue": ["key": (1, .string), "value": (2, .message("AnyValue"))],
        "AnyValue": [
            "stringValue": (1, .string), "boolValue": (2, .bool), "intValue": (3, .int64), "doubleValue": (4, .double),
            "arrayValue": (5, .message("ArrayValue")), "kvlistValue": (6, .message("KeyValueList")),
            "bytesValue": (7, .base64),
        ],
        "ArrayValue": ["values": (1, .repeated(.message("AnyValue")))],
        "KeyValueList": ["values": (1, .repeated(.message("KeyValue")))],
        "Metric": [
            "name": (1, .string), "description": (2, .string), "unit": (3, .string), "gauge": (5, .message("Gauge")),
            "sum": (7, .message("Sum")), "histogram": (9, .message("Histogram")),
            "exponentialHistogram": (10, .message("ExponentialHistogram")), "summary": (11, .message("Summary")),
            "metadata": (12, .repeated(.message("KeyValue"))),
        ],
        "Gauge": ["dataPoints": (1, .repeated(.message("Number")))],
        "Sum": [
            "dataPoints": (1, .repeated(.message("Number"))), "aggregationTemporality": (2, .temporality),
            "isMonotonic": (3, .bool),
        ],
        "Histogram": [
            "dataPoints": (1, .repeated(.message("HistogramPoint"))), "aggregationTemporality": (2, .temporality),
        ],
        "ExponentialHistogram": [
            "dataPoints": (1, .repeated(.message("ExponentialHistogramPoint"))),
            "aggregationTemporality": (2, .temporality),
        ],
        "Summary": ["dataPoints": (1, .repeated(.message("SummaryPoint")))],
        "Number": [
            "attributes": (7, .repeated(.message("KeyValue"))), "startTimeUnixNano": (2, .fixed64),
            "timeUnixNano": (3, .fixed64), "asDouble": (4, .double), "asInt": (6, .sfixed64),
            "exemplars": (5, .repeated(.message("Exemplar"))), "flags": (8, .uint32),
        ],
        "HistogramPoint": [
            "attributes": (9, .repeated(.message("KeyValue"))), "startTimeUnixNano": (2, .fixed64),
            "timeUnixNano": (3, .fixed64), "count": (4, .fixed64), "sum": (5, .double),
            "bucketCounts": (6, .repeated(.fixed64)), "explicitBounds": (7, .repeated(.double)),
            "exemplars": (8, .repeated(.message("Exemplar"))), "flags": (10, .uint32), "min": (11, .double),
            "max": (12, .double),
        ],
        "ExponentialHistogramPoint": [
            "attributes": (1, .repeated(.message("KeyValue"))), "startTimeUnixNano": (2, .fixed64),
            "timeUnixNano": (3, .fixed64), "count": (4, .fixed64), "sum": (5, .double), "scale": (6, .sint32),
            "zeroCount": (7, .fixed64), "positive": (8, .message("Buckets")), "negative": (9, .message("Buckets")),
            "flags": (10, .uint32), "exemplars": (11, .repeated(.message("Exemplar"))), "min": (12, .double),
            "max": (13, .double), "zeroThreshold": (14, .double),
        ],
        "Buckets": ["offset": (1, .sint32), "bucketCounts": (2, .repeated(.int64))],
        "SummaryPoint": [
            "attributes": (7, .repeated(.message("KeyValue"))), "startTimeUnixNano": (2, .fixed64),
            "timeUnixNano": (3, .fixed64), "count": (4, .fixed64), "sum": (5, .double),
            "quantileValues": (6, .repeated(.message("Quantile"))), "flags": (8, .uint32),
        ],
        "Quantile": ["quantile": (1, .double), "value": (2, .double)],
        "Exemplar": [
            "filteredAttributes": (7, .repeated(.message("KeyValue"))), "timeUnixNano": (2, .fixed64),
            "asDouble": (3, .double), "asInt": (6, .sfixed64), "spanId": (4, .identifier), "traceId": (5, .identifier),
        ],
    ]

    enum Failure: Error {
        case unknownKey(String, String)
        case unfitting(String)
    }

    /// The protobuf form of a JSON export.
    static func protobuf(_ json: Data) throws -> ProtobufMessage {
        try message("Export", try JSONSerialization.jsonObject(with: json))
    }

    private static func message(_ type: String, _ value: Any) throws -> ProtobufMessage {
        guard let object = value as? [String: Any] else { throw Failure.unfitting(type) }
        var result = ProtobufMessage()
        for key in object.keys.sorted() {
            guard let (number, field) = messages[type]?[key] else { throw Failure.unknownKey(type, key) }
            if let value = object[key] { result = try append(value, number, field, to: result) }
        }
        return result
    }

    private static func append(
        _ value: Any, _ number: UInt64, _ field: Field, to message: ProtobufMessage
    ) throws -> ProtobufMessage {
        switch field {
        case .repeated(let element):
            guard let values = value as? [Any] else { throw Failure.unfitting("list") }
            return try values.reduce(message) { try append($1, number, element, to: $0) }
        case .message(let type): return message.message(number, try Self.message(type, value))
        case .string: return message.text(number, try text(value))
        case .bool: return message.varint(number, value as? Bool == true ? 1 : 0)
        case .double:
            guard let double = Double(try text(value)) else { throw Failure.unfitting("double") }
            return message.fixed64(number, double.bitPattern)
        case .fixed64: return message.fixed64(number, try unsigned(value))
        case .sfixed64: return message.fixed64(number, UInt64(bitPattern: try signed(value)))
        case .uint32: return message.varint(number, try unsigned(value))
        case .int64: return message.varint(number, try (try? unsigned(value)) ?? UInt64(bitPattern: signed(value)))
        case .sint32:
            let wide = try signed(value)
            return message.varint(number, UInt64(UInt32(truncatingIfNeeded: wide << 1 ^ wide >> 63)))
        case .temporality: return message.varint(number, try unsigned(value))
        case .identifier:
            let digits = Array(try text(value))
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
            return message.bytes(number, bytes)
        case .base64:
            guard let data = Data(base64Encoded: try text(value)) else { throw Failure.unfitting("base64") }
            return message.bytes(number, Array(data))
        }
    }

    private static func text(_ value: Any) throws -> String {
        if let string = value as? String { return string }
        guard let number = value as? NSNumber else { throw Failure.unfitting("scalar") }
        return number.stringValue
    }

    private static func unsigned(_ value: Any) throws -> UInt64 {
        guard let number = UInt64(try text(value)) else { throw Failure.unfitting("unsigned integer") }
        return number
    }

    private static func signed(_ value: Any) throws -> Int64 {
        guard let number = Int64(try text(value)) else { throw Failure.unfitting("integer") }
        return number
    }
}
