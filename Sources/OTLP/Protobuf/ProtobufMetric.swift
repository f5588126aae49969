/// `opentelemetry.proto.metrics.v1.Metric`, read in place.
extension MetricsBatch {
    /// Appends the metric and its points.
    mutating func appendProtobufMetric(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var metric = RawMetric(scope: Int32(scopes.count - 1))
        metric.points = numberPoints.count..<numberPoints.count
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            guard field.type == .lengthDelimited else {
                try scanner.skip(field, depth: limits.depth)
                continue
            }
            switch field.number {
            case 1: metric.name = try scanner.string()
            case 2: metric.description = try scanner.string()
            case 3: metric.unit = try scanner.string()
            case 5: try readData(try scanner.bytes(), as: .gauge, of: &metric)
            case 7: try readData(try scanner.bytes(), as: .sum, of: &metric)
            case 9: try readData(try scanner.bytes(), as: .histogram, of: &metric)
            case 10: try readData(try scanner.bytes(), as: .exponentialHistogram, of: &metric)
            case 11: try readData(try scanner.bytes(), as: .summary, of: &metric)
            case 12: try MessageShape.keyValue.validate(try scanner.bytes(), depth: limits.depth)
            default: _ = try scanner.bytes()
            }
        }
        try checkRoom(in: metrics)
        metrics.append(metric)
    }

    /// One member of the `data` oneof. The same member again is merged, another one replaces it (R-PB-03).
    private mutating func readData(
        _ bytes: UnsafeRawBufferPointer, as kind: MetricKind, of metric: inout RawMetric
    ) throws(DecodingFailure) {
        if metric.kind != kind {
            numberPoints.removeLast(numberPoints.count - metric.points.lowerBound)
            metric.kind = kind
            metric.temporality = .unspecified
            metric.isMonotonic = false
            metric.untakenPointCount = 0
        }
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): try readPoint(try scanner.bytes(), of: &metric)
            case (2, .varint) where kind != .gauge && kind != .summary:
                // Enums are 32 bits wide.
                metric.temporality = Temporality(wireNumber: Int32(truncatingIfNeeded: try scanner.varint()))
            case (3, .varint) where kind == .sum: metric.isMonotonic = try scanner.varint() != 0
            default: try scanner.skip(field, depth: limits.depth)
            }
        }
        metric.points = metric.points.lowerBound..<numberPoints.count
    }

    private mutating func readPoint(
        _ bytes: UnsafeRawBufferPointer, of metric: inout RawMetric
    ) throws(DecodingFailure) {
        switch metric.kind {
        case .gauge, .sum:
            try checkRoom(in: numberPoints)
            numberPoints.append(try ProtobufPoint.number(bytes, arena: arena, depth: limits.depth))
            return
        case .histogram: try MessageShape.histogramPoint.validate(bytes, depth: limits.depth)
        case .exponentialHistogram: try MessageShape.exponentialHistogramPoint.validate(bytes, depth: limits.depth)
        case .summary: try MessageShape.summaryPoint.validate(bytes, depth: limits.depth)
        case .none: return
        }
        metric.untakenPointCount += 1
    }
}
