/// The messages of OTLP 1.x as far as the JSON mapping needs them: names, numbers and kinds of their fields.
///
/// https://github.com/open-telemetry/opentelemetry-proto/tree/v1.9.0/opentelemetry/proto
enum ExportSchema {
    enum Kind {
        case string
        /// Base64 in JSON.
        case bytes
        /// Hexadecimal digits in JSON.
        case identifier
        case bool
        /// A number in JSON; also its name, if there are names.
        case enumeration([String])
        case uint32
        case fixed32
        case sint32
        /// Strings in JSON.
        case int64
        case uint64
        case fixed64
        case sfixed64
        case double
        case message(Message)
    }

    struct Field {
        let number: UInt32
        let name: StaticString
        let kind: Kind
        var isRepeated = false

        /// Whether it has this name, in plain lowerCamelCase.
        @inline(__always)
        func isNamed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
            guard text.count == name.utf8CodeUnitCount, let start = text.baseAddress else { return false }
            for index in 0..<text.count where start[index] != name.utf8Start[index] { return false }
            return true
        }
    }

    enum Message: Int, CaseIterable {
        case logs, resourceLogs, scopeLogs, logRecord
        case traces, resourceSpans, scopeSpans, span, spanEvent, spanLink, spanStatus
        case metrics, resourceMetrics, scopeMetrics, metric, gauge, sum, histogram, exponentialHistogram, summary
        case numberPoint, histogramPoint, exponentialPoint, buckets, summaryPoint, quantile, exemplar
        case resource, entityReference, scope, keyValue, anyValue, arrayValue, keyValueList

        /// The export of a signal.
        init(_ signal: Signal) {
            switch signal {
            case .logs: self = .logs
            case .traces: self = .traces
            case .metrics: self = .metrics
            }
        }

        /// In the order of their numbers.
        var fields: [Field] { ExportSchema.fields[rawValue] }
    }

    private static func one(_ number: UInt32, _ name: StaticString, _ kind: Kind) -> Field {
        Field(number: number, name: name, kind: kind)
    }

    private static func many(_ number: UInt32, _ name: StaticString, _ kind: Kind) -> Field {
        Field(number: number, name: name, kind: kind, isRepeated: true)
    }

    private static func attributes(_ number: UInt32, _ name: StaticString = "attributes") -> Field {
        many(number, name, .message(.keyValue))
    }

    private static func dropped(_ number: UInt32, _ name: StaticString = "droppedAttributesCount") -> Field {
        one(number, name, .uint32)
    }

    private static let temporality = Kind.enumeration([
        "AGGREGATION_TEMPORALITY_UNSPECIFIED", "AGGREGATION_TEMPORALITY_DELTA", "AGGREGATION_TEMPORALITY_CUMULATIVE",
    ])

    private static let severities: [String] =
        ["SEVERITY_NUMBER_UNSPECIFIED"]
        + ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap { level in
            ["", "2", "3", "4"].map { "SEVERITY_NUMBER_\(level)\($0)" }
        }

    /// The fields of each message, by its raw value. Constant; shared by all conversions.
    private static let fields: [[Field]] = Message.allCases.map { table[$0] ?? [] }

    private static let table: [Message: [Field]] =
        common.merging(logMessages) { first, _ in first }.merging(spanMessages) { first, _ in first }
        .merging(metricMessages) { first, _ in first }.merging(pointMessages) { first, _ in first }

    private static let common: [Message: [Field]] = [
        .resource: [
            attributes(1), dropped(2), many(3, "entityRefs", .message(.entityReference)),
        ],
        .entityReference: [
            one(1, "schemaUrl", .string), one(2, "type", .string), many(3, "idKeys", .string),
            many(4, "descriptionKeys", .string),
        ],
        .scope: [one(1, "name", .string), one(2, "version", .string), attributes(3), dropped(4)],
        .keyValue: [one(1, "key", .string), one(2, "value", .message(.anyValue))],
        .anyValue: [
            one(1, "stringValue", .string), one(2, "boolValue", .bool), one(3, "intValue", .int64),
            one(4, "doubleValue", .double), one(5, "arrayValue", .message(.arrayValue)),
            one(6, "kvlistValue", .message(.keyValueList)), one(7, "bytesValue", .bytes),
        ],
        .arrayValue: [many(1, "values", .message(.anyValue))],
        .keyValueList: [many(1, "values", .message(.keyValue))],
    ]

    private static let logMessages: [Message: [Field]] = [
        .logs: [many(1, "resourceLogs", .message(.resourceLogs))],
        .resourceLogs: [
            one(1, "resource", .message(.resource)), many(2, "scopeLogs", .message(.scopeLogs)),
            one(3, "schemaUrl", .string),
        ],
        .scopeLogs: [
            one(1, "scope", .message(.scope)), many(2, "logRecords", .message(.logRecord)),
            one(3, "schemaUrl", .string),
        ],
        .logRecord: [
            one(1, "timeUnixNano", .fixed64), one(2, "severityNumber", .enumeration(severities)),
            one(3, "severityText", .string), one(5, "body", .message(.anyValue)), attributes(6), dropped(7),
            one(8, "flags", .fixed32), one(9, "traceId", .identifier), one(10, "spanId", .identifier),
            one(11, "observedTimeUnixNano", .fixed64), one(12, "eventName", .string),
        ],
    ]

    private static let spanMessages: [Message: [Field]] = [
        .traces: [many(1, "resourceSpans", .message(.resourceSpans))],
        .resourceSpans: [
            one(1, "resource", .message(.resource)), many(2, "scopeSpans", .message(.scopeSpans)),
            one(3, "schemaUrl", .string),
        ],
        .scopeSpans: [
            one(1, "scope", .message(.scope)), many(2, "spans", .message(.span)), one(3, "schemaUrl", .string),
        ],
        .span: [
            one(1, "traceId", .identifier), one(2, "spanId", .identifier), one(3, "traceState", .string),
            one(4, "parentSpanId", .identifier), one(5, "name", .string),
            one(
                6, "kind",
                .enumeration(
                    ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map { "SPAN_KIND_\($0)" })),
            one(7, "startTimeUnixNano", .fixed64), one(8, "endTimeUnixNano", .fixed64), attributes(9), dropped(10),
            many(11, "events", .message(.spanEvent)), dropped(12, "droppedEventsCount"),
            many(13, "links", .message(.spanLink)),
            dropped(14, "droppedLinksCount"), one(15, "status", .message(.spanStatus)), one(16, "flags", .fixed32),
        ],
        .spanEvent: [one(1, "timeUnixNano", .fixed64), one(2, "name", .string), attributes(3), dropped(4)],
        .spanLink: [
            one(1, "traceId", .identifier), one(2, "spanId", .identifier), one(3, "traceState", .string),
            attributes(4), dropped(5), one(6, "flags", .fixed32),
        ],
        .spanStatus: [
            one(2, "message", .string),
            one(3, "code", .enumeration(["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"])),
        ],
    ]

    private static let metricMessages: [Message: [Field]] = [
        .metrics: [many(1, "resourceMetrics", .message(.resourceMetrics))],
        .resourceMetrics: [
            one(1, "resource", .message(.resource)), many(2, "scopeMetrics", .message(.scopeMetrics)),
            one(3, "schemaUrl", .string),
        ],
        .scopeMetrics: [
            one(1, "scope", .message(.scope)), many(2, "metrics", .message(.metric)), one(3, "schemaUrl", .string),
        ],
        .metric: [
            one(1, "name", .string), one(2, "description", .string), one(3, "unit", .string),
            one(5, "gauge", .message(.gauge)), one(7, "sum", .message(.sum)),
            one(9, "histogram", .message(.histogram)),
            one(10, "exponentialHistogram", .message(.exponentialHistogram)), one(11, "summary", .message(.summary)),
            attributes(12, "metadata"),
        ],
        .gauge: [many(1, "dataPoints", .message(.numberPoint))],
        .sum: [
            many(1, "dataPoints", .message(.numberPoint)), one(2, "aggregationTemporality", temporality),
            one(3, "isMonotonic", .bool),
        ],
        .histogram: [many(1, "dataPoints", .message(.histogramPoint)), one(2, "aggregationTemporality", temporality)],
        .exponentialHistogram: [
            many(1, "dataPoints", .message(.exponentialPoint)), one(2, "aggregationTemporality", temporality),
        ],
        .summary: [many(1, "dataPoints", .message(.summaryPoint))],
    ]

    private static let times = [one(2, "startTimeUnixNano", .fixed64), one(3, "timeUnixNano", .fixed64)]

    private static let pointMessages: [Message: [Field]] = [
        .numberPoint: times + [
            one(4, "asDouble", .double), many(5, "exemplars", .message(.exemplar)), one(6, "asInt", .sfixed64),
            attributes(7), one(8, "flags", .uint32),
        ],
        .histogramPoint: times + [
            one(4, "count", .fixed64), one(5, "sum", .double), many(6, "bucketCounts", .fixed64),
            many(7, "explicitBounds", .double), many(8, "exemplars", .message(.exemplar)), attributes(9),
            one(10, "flags", .uint32), one(11, "min", .double), one(12, "max", .double),
        ],
        .exponentialPoint: [attributes(1)] + times + [
            one(4, "count", .fixed64), one(5, "sum", .double), one(6, "scale", .sint32),
            one(7, "zeroCount", .fixed64), one(8, "positive", .message(.buckets)),
            one(9, "negative", .message(.buckets)), one(10, "flags", .uint32),
            many(11, "exemplars", .message(.exemplar)), one(12, "min", .double), one(13, "max", .double),
            one(14, "zeroThreshold", .double),
        ],
        .buckets: [one(1, "offset", .sint32), many(2, "bucketCounts", .uint64)],
        .summaryPoint: times + [
            one(4, "count", .fixed64), one(5, "sum", .double), many(6, "quantileValues", .message(.quantile)),
            attributes(7), one(8, "flags", .uint32),
        ],
        .quantile: [one(1, "quantile", .double), one(2, "value", .double)],
        .exemplar: [
            one(2, "timeUnixNano", .fixed64), one(3, "asDouble", .double), one(4, "spanId", .identifier),
            one(5, "traceId", .identifier), one(6, "asInt", .sfixed64), attributes(7, "filteredAttributes"),
        ],
    ]
}
