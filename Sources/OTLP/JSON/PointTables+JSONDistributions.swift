// Points that are more than one number, in proto3 JSON; the keys they have in common are in MetricsBatch+JSONPoints.
//
// Of a key given twice the last one wins (R-JSON-16), lists and messages in full. Null unsets (R-JSON-13), but is no
// number in a list of numbers.

extension PointTables {
    /// `HistogramDataPoint`: { count, sum, bucketCounts: […], explicitBounds: […], min, max }.
    mutating func decodeHistogramPoint(_ json: inout JSONScanner) throws(JSONFault) -> HistogramDataPoint {
        var point = HistogramDataPoint()
        guard try json.openObject() else { return point }
        while let key = try json.nextKey() {
            switch key {
            case .count: point.count = try json.tokens.unsigned64() ?? 0
            case .sum: point.sum = try json.tokens.double()
            case .bucketCounts: point.bucketCounts = try decodeBucketCounts(&json)
            case .explicitBounds: point.explicitBounds = try decodeExplicitBounds(&json)
            case .exemplars: point.exemplars = try decodeExemplars(&json)
            case .min, .max: try json.passDouble()
            default: try json.headerMember(key, of: &point.header)
            }
        }
        return point
    }

    /// `ExponentialHistogramDataPoint`: { count, sum, scale, zeroCount, zeroThreshold, positive, negative, min, max }.
    mutating func decodeExponentialHistogramPoint(
        _ json: inout JSONScanner
    ) throws(JSONFault) -> ExponentialHistogramDataPoint {
        var point = ExponentialHistogramDataPoint()
        guard try json.openObject() else { return point }
        while let key = try json.nextKey() {
            switch key {
            case .count: point.count = try json.tokens.unsigned64() ?? 0
            case .sum: point.sum = try json.tokens.double()
            case .scale: point.scale = try json.tokens.integer(as: Int32.self) ?? 0
            case .zeroCount: point.zeroCount = try json.tokens.unsigned64() ?? 0
            case .zeroThreshold: point.zeroThreshold = try json.tokens.double() ?? 0
            case .positive: point.positive = try decodeExponentialBuckets(&json)
            case .negative: point.negative = try decodeExponentialBuckets(&json)
            case .exemplars: point.exemplars = try decodeExemplars(&json)
            case .min, .max: try json.passDouble()
            default: try json.headerMember(key, of: &point.header)
            }
        }
        return point
    }

    /// `Buckets`: { offset, bucketCounts: […] }.
    private mutating func decodeExponentialBuckets(_ json: inout JSONScanner) throws(JSONFault) -> ExponentialBuckets {
        var buckets = ExponentialBuckets()
        guard try json.openObject() else { return buckets }
        while let key = try json.nextKey() {
            switch key {
            case .offset: buckets.offset = try json.tokens.integer(as: Int32.self) ?? 0
            case .bucketCounts: buckets.counts = try decodeBucketCounts(&json)
            default: try json.skipValue()
            }
        }
        return buckets
    }

    /// `SummaryDataPoint`: { count, sum, quantileValues: [ { quantile, value } ] }.
    mutating func decodeSummaryPoint(_ json: inout JSONScanner) throws(JSONFault) -> SummaryDataPoint {
        var point = SummaryDataPoint()
        guard try json.openObject() else { return point }
        while let key = try json.nextKey() {
            switch key {
            case .count: point.count = try json.tokens.unsigned64() ?? 0
            case .sum: point.sum = try json.tokens.double() ?? 0
            case .quantileValues: point.quantiles = try decodeQuantiles(&json)
            default: try json.headerMember(key, of: &point.header)
            }
        }
        return point
    }

    private mutating func decodeBucketCounts(_ json: inout JSONScanner) throws(JSONFault) -> Range<Int> {
        let first = bucketCounts.count
        guard try json.openArray() else { return 0..<0 }
        while try json.nextElement() {
            guard json.tokens.peekToken() != UInt8(ascii: "n"), let count = try json.tokens.unsigned64() else {
                throw json.tokens.fault(.expectedInteger)
            }
            try json.spend(MemoryLayout<UInt64>.stride)
            bucketCounts.append(count)
        }
        return first..<bucketCounts.count
    }

    private mutating func decodeExplicitBounds(_ json: inout JSONScanner) throws(JSONFault) -> Range<Int> {
        let first = explicitBounds.count
        guard try json.openArray() else { return 0..<0 }
        while try json.nextElement() {
            guard json.tokens.peekToken() != UInt8(ascii: "n"), let bound = try json.tokens.double() else {
                throw json.tokens.fault(.expectedDouble)
            }
            try json.spend(MemoryLayout<Double>.stride)
            explicitBounds.append(bound)
        }
        return first..<explicitBounds.count
    }

    private mutating func decodeQuantiles(_ json: inout JSONScanner) throws(JSONFault) -> Range<Int> {
        let first = quantiles.count
        guard try json.openArray() else { return 0..<0 }
        while try json.nextElement() {
            try json.spend(MemoryLayout<QuantileValue>.stride)
            var pair = QuantileValue(quantile: 0, value: 0)
            if try json.openObject() {
                while let key = try json.nextKey() {
                    switch key {
                    case .quantile: pair.quantile = try json.tokens.double() ?? 0
                    case .value: pair.value = try json.tokens.double() ?? 0
                    default: try json.skipValue()
                    }
                }
            }
            quantiles.append(pair)
        }
        return first..<quantiles.count
    }
}

extension JSONScanner {
    /// A double that is not used; an invalid one is left out.
    fileprivate mutating func passDouble() throws(JSONFault) {
        _ = try orLeftOut(.field) { json throws(JSONFault) in try json.tokens.double() }
    }

    /// A member of all these points, or an unknown one.
    fileprivate mutating func headerMember(_ key: JSONKey, of header: inout PointHeader) throws(JSONFault) {
        switch key {
        case .attributes: header.attributes = try attributesText()
        case .startTimeUnixNano: header.startTime = try tokens.unsigned64() ?? 0
        case .timeUnixNano: header.time = try tokens.unsigned64() ?? 0
        case .flags: header.flags = try tokens.flags()
        default: try skipValue()
        }
    }
}
