internal import Settings

/// `opentelemetry.proto.metrics.v1.Metric`, read in place.
extension MetricsBatch {
    static var decodesOwners: Bool { true }

    /// Appends the metric and its points. One that cannot be decoded is lost with its points, as far as they were seen.
    mutating func decodeItem(_ bytes: UnsafeRawBufferPointer, scope: Int32) throws(DecodingFailure) {
        let marks = itemMarks
        let pointsBefore = pointCount
        points.tableLimit = tableLimit - ownerBytes
        do throws(DecodingFailure) {
            try readMetric(bytes, scope: scope)
        } catch {
            try losses.leaveOut(.metric, error)
            losses.note(.point, error, count: pointCount - pointsBefore)
            dropItems(from: marks)
        }
    }

    private mutating func readMetric(_ bytes: UnsafeRawBufferPointer, scope: Int32) throws(DecodingFailure) {
        var metric = RawMetric(scope: scope)
        var metadata = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            guard field.type == .lengthDelimited else {
                try scanner.skip(field, depth: limits.maxAttributeDepth)
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
            case 12:
                try MessageShape.checkAttribute(try scanner.bytes(), depth: limits.maxAttributeDepth)
                metadata.extend(from: start, to: scanner.position)
            default: _ = try scanner.bytes()
            }
        }
        metric.metadata = try metadata.joined(field: 12, of: bytes, arena: arena, depth: limits.maxAttributeDepth)
        try checkRoom(in: metrics)
        metrics.append(metric)
    }

    /// One member of the `data` oneof. The same member again is merged, another one replaces it (R-PB-03).
    private mutating func readData(
        _ bytes: UnsafeRawBufferPointer, as kind: MetricKind, of metric: inout RawMetric
    ) throws(DecodingFailure) {
        if metric.kind != kind { points.resetData(of: &metric, to: kind) }
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): try appendPoint(try scanner.bytes(), of: kind)
            case (2, .varint) where kind != .gauge && kind != .summary:
                // Enums are 32 bits wide.
                metric.temporality = Temporality(wireNumber: Int32(truncatingIfNeeded: try scanner.varint()))
            case (3, .varint) where kind == .sum: metric.isMonotonic = try scanner.varint() != 0
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        metric.points = metric.points.lowerBound..<points.count(of: kind)
    }

    /// Appends a point; one that cannot be decoded is lost alone.
    private mutating func appendPoint(
        _ bytes: UnsafeRawBufferPointer, of kind: MetricKind
    ) throws(DecodingFailure) {
        do throws(DecodingFailure) {
            try readPoint(bytes, of: kind)
        } catch {
            try losses.leaveOut(.point, error)
        }
    }

    @inline(__always)
    private mutating func readPoint(
        _ bytes: UnsafeRawBufferPointer, of kind: MetricKind
    ) throws(DecodingFailure) {
        switch kind {
        case .none: return
        case .gauge, .sum:
            try points.checkRoom(in: points.numbers)
            points.numbers.append(try points.protobufNumberPoint(bytes))
        case .histogram:
            try points.checkRoom(in: points.histograms)
            points.histograms.append(try points.protobufHistogramPoint(bytes))
        case .exponentialHistogram:
            try points.checkRoom(in: points.exponentialHistograms)
            points.exponentialHistograms.append(try points.protobufExponentialHistogramPoint(bytes))
        case .summary:
            try points.checkRoom(in: points.summaries)
            points.summaries.append(try points.protobufSummaryPoint(bytes))
        }
    }
}
