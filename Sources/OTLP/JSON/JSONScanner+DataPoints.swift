// Data points in proto3 JSON. What all kinds have in common:
//
//     { attributes: […], startTimeUnixNano, timeUnixNano, flags, exemplars: [ … ] }

extension JSONScanner {
    /// `NumberDataPoint`: the common keys and asInt | asDouble.
    @inline(__always)
    mutating func numberDataPoint() throws(JSONFault) -> NumberDataPoint {
        var point = NumberDataPoint()
        guard try openObject() else { return point }
        while let key = try nextKey() {
            switch key {
            case .attributes: point.attributes = try attributesText()
            case .startTimeUnixNano: point.startTime = try unsigned64() ?? 0
            case .timeUnixNano: point.time = try unsigned64() ?? 0
            case .asDouble, .asInt: try numberValue(key, &point.value)
            case .flags: point.flags = try flags()
            case .exemplars: try skipExemplars()
            default: try skipValue()
            }
        }
        return point
    }

    /// A member of the `value` oneof: the last one given wins (R-JSON-15).
    ///
    /// `asInt: null` is refused as by the Collector. `asDouble: null` is what JavaScript exporters make of NaN: it
    /// unsets the value, so that this point alone is rejected.
    @inline(__always)
    private mutating func numberValue(_ key: JSONKey, _ value: inout NumberValue) throws(JSONFault) {
        if key == .asInt {
            guard peekToken() != UInt8(ascii: "n"), let number = try integer(as: Int64.self) else {
                throw fault(.expectedInteger)
            }
            value = .int(number)
        } else if let number = try double() {
            value = .double(number)
        } else if case .double = value {
            value = .missing
        }
    }

    /// `flags`, which the Collector does not take as null.
    private mutating func flags() throws(JSONFault) -> UInt32 {
        guard peekToken() != UInt8(ascii: "n"), let flags = try integer(as: UInt32.self) else {
            throw fault(.expectedInteger)
        }
        return flags
    }

    /// `Exemplar`: { timeUnixNano, asInt | asDouble, traceId, spanId, filteredAttributes: […] }.
    private mutating func skipExemplars() throws(JSONFault) {
        guard try openArray() else { return }
        while try nextElement() {
            guard try openObject() else { continue }
            var value = NumberValue.missing
            while let key = try nextKey() {
                switch key {
                case .timeUnixNano: _ = try unsigned64()
                case .asDouble, .asInt: try numberValue(key, &value)
                case .traceID: try skipIdentifier(byteCount: 16)
                case .spanID: try skipIdentifier(byteCount: 8)
                case .filteredAttributes: _ = try attributesText()
                default: try skipValue()
                }
            }
        }
    }
}

// MARK: - Kinds that are not taken yet

extension JSONScanner {
    /// A point of a histogram or a summary: checked key by key and passed.
    mutating func skipDataPoint(_ kind: MetricKind) throws(JSONFault) {
        guard try openObject() else { return }
        while let key = try nextKey() {
            switch key {
            case .attributes: _ = try attributesText()
            case .startTimeUnixNano, .timeUnixNano, .count: _ = try unsigned64()
            case .sum: _ = try double()
            case .flags: _ = try flags()
            case .exemplars where kind != .summary: try skipExemplars()
            case .min where kind != .summary, .max where kind != .summary: _ = try double()
            default:
                switch kind {
                case .histogram: try skipHistogramMember(key)
                case .exponentialHistogram: try skipExponentialHistogramMember(key)
                case .summary: try skipSummaryMember(key)
                case .none, .gauge, .sum: try skipValue()
                }
            }
        }
    }

    private mutating func skipHistogramMember(_ key: JSONKey) throws(JSONFault) {
        switch key {
        case .bucketCounts: try skipUnsigned64Array()
        case .explicitBounds: try skipDoubleArray()
        default: try skipValue()
        }
    }

    private mutating func skipExponentialHistogramMember(_ key: JSONKey) throws(JSONFault) {
        switch key {
        case .scale: _ = try integer(as: Int32.self)
        case .zeroCount: _ = try unsigned64()
        case .zeroThreshold: _ = try double()
        case .positive, .negative:
            guard try openObject() else { return }
            while let key = try nextKey() {
                switch key {
                case .offset: _ = try integer(as: Int32.self)
                case .bucketCounts: try skipUnsigned64Array()
                default: try skipValue()
                }
            }
        default: try skipValue()
        }
    }

    private mutating func skipSummaryMember(_ key: JSONKey) throws(JSONFault) {
        guard key == .quantileValues else { return try skipValue() }
        guard try openArray() else { return }
        while try nextElement() {
            guard try openObject() else { continue }
            while let key = try nextKey() {
                switch key {
                case .quantile, .value: _ = try double()
                default: try skipValue()
                }
            }
        }
    }
}
