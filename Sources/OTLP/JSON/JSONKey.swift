private import Platform

/// A key of the OTLP messages that lead to a metric's points or to a log record, in any message; the decoders decide
/// where a key is valid.
///
/// Keys are lowerCamelCase; snake_case is tolerated (R-JSON-01). All other keys are `unknown`, to be ignored
/// (R-JSON-02), and among them on purpose `instrumentationLibraryMetrics` of OTLP before 1.0.
enum JSONKey: UInt8 {
    case unknown
    // Envelope, resource and scope.
    case resourceMetrics, resourceSpans, resource, scopeMetrics, scope, metrics, schemaURL, droppedAttributesCount,
        version
    // Metric.
    case name, description, unit, metadata, gauge, sum, histogram, exponentialHistogram, summary
    case dataPoints, aggregationTemporality, isMonotonic
    // Points.
    case attributes, startTimeUnixNano, timeUnixNano, asInt, asDouble, flags, exemplars, count, min, max
    case bucketCounts, explicitBounds, scale, zeroCount, zeroThreshold, positive, negative, offset
    case quantileValues, quantile
    // Exemplars.
    case filteredAttributes, spanID, traceID
    // Logs.
    case resourceLogs, scopeLogs, logRecords, observedTimeUnixNano, body, eventName
    // Attributes.
    case key, value, stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue, values

    @inline(__always)
    init(_ text: JSONText) {
        self = Self.named(text.start, text.count)
        if self == .unknown { self = Self.rewritten(text) }
    }

    /// The key that is written with escapes or in snake_case.
    @inline(never)
    private static func rewritten(_ text: JSONText) -> JSONKey {
        guard text.hasEscapes || text.bytes.contains(UInt8(ascii: "_")) else { return .unknown }
        let plain = text.unescaped()
        return lowerCamelCase(plain).withUnsafeBufferPointer { name in
            name.baseAddress.map { named($0, name.count) } ?? .unknown
        }
    }

    /// `a_name` as `aName`; anything that is not snake_case throughout is left as it is.
    static func lowerCamelCase(_ name: [UInt8]) -> [UInt8] {
        let upperCase = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard !name.contains(where: upperCase.contains) else { return name }
        var result: [UInt8] = []
        var isWordStart = false
        for byte in name {
            if isWordStart {
                guard UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte, !result.isEmpty else { return name }
                result.append(byte - 0x20)
                isWordStart = false
            } else if byte == UInt8(ascii: "_") {
                isWordStart = true
            } else {
                result.append(byte)
            }
        }
        return isWordStart ? name : result
    }

    /// The signal whose exports have this key at their top; nil for all other keys.
    var signal: Signal? {
        switch self {
        case .resourceMetrics: .metrics
        case .resourceLogs: .logs
        case .resourceSpans: .traces
        default: nil
        }
    }

    private static func named(_ start: UnsafePointer<UInt8>, _ count: Int) -> JSONKey {
        count < 10 ? shortName(start, count) : longName(start, count)
    }

    private static func shortName(_ start: UnsafePointer<UInt8>, _ count: Int) -> JSONKey {
        func `is`(_ name: StaticString) -> Bool { matches(start, count, name) }
        switch count {
        case 3:
            return `is`("key") ? .key : `is`("sum") ? .sum : `is`("min") ? .min : `is`("max") ? .max : .unknown
        case 4: return `is`("name") ? .name : `is`("unit") ? .unit : `is`("body") ? .body : .unknown
        case 5:
            if `is`("flags") { return .flags }
            if `is`("value") { return .value }
            if `is`("asInt") { return .asInt }
            if `is`("count") { return .count }
            return `is`("gauge") ? .gauge : `is`("scope") ? .scope : `is`("scale") ? .scale : .unknown
        case 6: return `is`("values") ? .values : `is`("spanId") ? .spanID : `is`("offset") ? .offset : .unknown
        case 7:
            if `is`("metrics") { return .metrics }
            if `is`("traceId") { return .traceID }
            return `is`("version") ? .version : `is`("summary") ? .summary : .unknown
        case 8:
            if `is`("asDouble") { return .asDouble }
            if `is`("intValue") { return .intValue }
            if `is`("resource") { return .resource }
            if `is`("positive") { return .positive }
            if `is`("negative") { return .negative }
            return `is`("quantile") ? .quantile : `is`("metadata") ? .metadata : .unknown
        case 9:
            if `is`("exemplars") { return .exemplars }
            if `is`("boolValue") { return .boolValue }
            if `is`("schemaUrl") { return .schemaURL }
            if `is`("histogram") { return .histogram }
            if `is`("zeroCount") { return .zeroCount }
            return `is`("eventName") ? .eventName : `is`("scopeLogs") ? .scopeLogs : .unknown
        default: return .unknown
        }
    }

    private static func longName(_ start: UnsafePointer<UInt8>, _ count: Int) -> JSONKey {
        func `is`(_ name: StaticString) -> Bool { matches(start, count, name) }
        switch count {
        case 10:
            if `is`("attributes") { return .attributes }
            if `is`("dataPoints") { return .dataPoints }
            if `is`("arrayValue") { return .arrayValue }
            return `is`("bytesValue") ? .bytesValue : `is`("logRecords") ? .logRecords : .unknown
        case 11:
            if `is`("stringValue") { return .stringValue }
            if `is`("doubleValue") { return .doubleValue }
            if `is`("kvlistValue") { return .kvlistValue }
            return `is`("description") ? .description : `is`("isMonotonic") ? .isMonotonic : .unknown
        case 12:
            if `is`("timeUnixNano") { return .timeUnixNano }
            if `is`("bucketCounts") { return .bucketCounts }
            return `is`("scopeMetrics") ? .scopeMetrics : `is`("resourceLogs") ? .resourceLogs : .unknown
        case 13: return `is`("zeroThreshold") ? .zeroThreshold : `is`("resourceSpans") ? .resourceSpans : .unknown
        case 14: return `is`("explicitBounds") ? .explicitBounds : `is`("quantileValues") ? .quantileValues : .unknown
        case 15: return `is`("resourceMetrics") ? .resourceMetrics : .unknown
        case 17: return `is`("startTimeUnixNano") ? .startTimeUnixNano : .unknown
        case 18: return `is`("filteredAttributes") ? .filteredAttributes : .unknown
        case 20:
            if `is`("exponentialHistogram") { return .exponentialHistogram }
            return `is`("observedTimeUnixNano") ? .observedTimeUnixNano : .unknown
        case 22:
            if `is`("aggregationTemporality") { return .aggregationTemporality }
            return `is`("droppedAttributesCount") ? .droppedAttributesCount : .unknown
        default: return .unknown
        }
    }

    /// Inlined, so that the comparison with a literal becomes one or two of words.
    @inline(__always)
    private static func matches(_ start: UnsafePointer<UInt8>, _ count: Int, _ name: StaticString) -> Bool {
        count == name.utf8CodeUnitCount && memcmp(start, name.utf8Start, name.utf8CodeUnitCount) == 0
    }
}
