// Metric in proto3 JSON:
//
//     { name, description, unit, metadata: […],
//       gauge | sum | histogram | exponentialHistogram | summary:
//           { dataPoints: [ … ], aggregationTemporality, isMonotonic } }

extension MetricsBatch {
    mutating func decodeItem(_ json: inout JSONScanner, scope: Int32) throws(JSONFault) {
        try json.spend(MemoryLayout<RawMetric>.stride)
        let place = json.place
        let (marks, lost) = (itemMarks, json.lost)
        points.tableLimit = tableLimit - ownerBytes
        do throws(JSONFault) {
            try decodeMetric(&json, scope: scope)
        } catch {
            // Its type is unknown, so none of its points can count.
            try json.goBack(to: place, after: error)
            dropItems(from: marks)
            json.lost = lost
            json.note(.metric, error)
            json.note(.point, error, count: try json.passMetric())
        }
    }

    private mutating func decodeMetric(_ json: inout JSONScanner, scope: Int32) throws(JSONFault) {
        var metric = RawMetric(scope: scope)
        if try json.openObject() {
            while let key = try json.nextKey() {
                switch key {
                case .name: metric.name = try decodeText(&json)
                case .description: metric.description = try decodeText(&json)
                case .unit: metric.unit = try decodeText(&json)
                case .metadata: metric.metadata = try json.attributesText()
                case .gauge: try decodeData(.gauge, of: &metric, &json)
                case .sum: try decodeData(.sum, of: &metric, &json)
                case .histogram: try decodeData(.histogram, of: &metric, &json)
                case .exponentialHistogram: try decodeData(.exponentialHistogram, of: &metric, &json)
                case .summary: try decodeData(.summary, of: &metric, &json)
                default: try json.skipValue()
                }
            }
        }
        metrics.append(metric)
    }

    /// One member of the `data` oneof. The last one given wins (R-JSON-15); null unsets only the member it is given
    /// for.
    private mutating func decodeData(
        _ kind: MetricKind, of metric: inout RawMetric, _ json: inout JSONScanner
    ) throws(JSONFault) {
        guard try json.openObject() else {
            if metric.kind == kind { points.resetData(of: &metric, to: .none) }
            return
        }
        points.resetData(of: &metric, to: kind)
        let hasTemporality = kind == .sum || kind == .histogram || kind == .exponentialHistogram
        while let key = try json.nextKey() {
            switch key {
            case .dataPoints: try decodePoints(of: &metric, &json)
            case .aggregationTemporality where hasTemporality: metric.temporality = try json.tokens.temporality()
            case .isMonotonic where kind == .sum: metric.isMonotonic = try json.tokens.bool() ?? false
            default: try json.skipValue()
            }
        }
    }

    private mutating func decodePoints(of metric: inout RawMetric, _ json: inout JSONScanner) throws(JSONFault) {
        points.dropPoints(of: &metric)
        guard try json.openArray() else { return }
        while try json.nextElement() {
            let place = json.place
            do throws(JSONFault) {
                try decodePoint(of: metric.kind, &json)
            } catch {
                try json.leaveOut(.point, from: place, error)
            }
        }
        metric.points = metric.points.lowerBound..<points.count(of: metric.kind)
    }

    @inline(__always)
    private mutating func decodePoint(of kind: MetricKind, _ json: inout JSONScanner) throws(JSONFault) {
        switch kind {
        case .gauge, .sum:
            try json.spend(MemoryLayout<NumberDataPoint>.stride)
            points.numbers.append(try points.decodeNumberPoint(&json))
        case .histogram:
            try json.spend(MemoryLayout<HistogramDataPoint>.stride)
            points.histograms.append(try points.decodeHistogramPoint(&json))
        case .exponentialHistogram:
            try json.spend(MemoryLayout<ExponentialHistogramDataPoint>.stride)
            points.exponentialHistograms.append(try points.decodeExponentialHistogramPoint(&json))
        case .summary:
            try json.spend(MemoryLayout<SummaryDataPoint>.stride)
            points.summaries.append(try points.decodeSummaryPoint(&json))
        case .none: try json.skipValue()
        }
    }
}
