internal import OTLP

/// Identity: from raw bytes to records. Makes records, but counts nothing.
extension SeriesStore {
    /// Finds every resource, scope, metric and stream of the batch, and checks the attributes of those that are new.
    mutating func resolve(_ batch: borrowing MetricsBatch) throws(DecodingFailure) {
        plan.clear()
        plan.losses = batch.losses
        let encoding = batch.encoding
        let reader = batch.attributeReader(limits: decodingLimits)
        for raw in batch.resources {
            let lookup = try resolver.resolve(
                raw, in: &identities, reader: reader, encoding: encoding, losses: &plan.losses)
            let made = madeWithoutRoom(lookup)
            if let made { identities.discardResource(made) }
            plan.resources.append(IngestPlan.Entry(lookup, hasRoom: made == nil))
        }
        for raw in batch.scopes {
            guard case .record(let resource) = plan.resources[Int(raw.resource)] else {
                _ = try reader.scopeIfText(raw.bytes, losses: &plan.losses)
                plan.scopes.append(plan.resources[Int(raw.resource)])
                continue
            }
            let lookup = try resolver.resolve(
                raw, of: resource, in: &identities, reader: reader, encoding: encoding, losses: &plan.losses)
            let made = madeWithoutRoom(lookup)
            if let made { identities.discardScope(made) }
            plan.scopes.append(IngestPlan.Entry(lookup, hasRoom: made == nil))
        }
        for raw in batch.metrics {
            guard case .record(let scope) = plan.scopes[Int(raw.scope)] else {
                plan.metrics.append(plan.scopes[Int(raw.scope)])
                continue
            }
            let lookup = try resolver.resolve(raw, of: scope, in: &identities, reader: reader)
            let made = madeWithoutRoom(lookup)
            if let made { identities.discardMetric(made) }
            plan.metrics.append(IngestPlan.Entry(lookup, hasRoom: made == nil))
        }
        try resolveStreams(of: batch, reader: reader, encoding: UInt32(encoding.rawValue))
    }

    /// The record that was just made, if there is no room for it.
    private mutating func madeWithoutRoom(_ lookup: Identities.Lookup) -> UInt32? {
        guard case .made(let number) = lookup, !makeRoom(forBytes: 0, now: lastArrival) else { return nil }
        return number
    }

    private mutating func resolveStreams(
        of batch: borrowing MetricsBatch, reader: AttributeReader, encoding: UInt32
    ) throws(DecodingFailure) {
        plan.streams.append(contentsOf: repeatElement(StreamID.none, count: batch.takenPointCount))
        for index in batch.metrics.indices {
            let metric = batch.metrics[index]
            var record: UInt32?
            if case .record(let number) = plan.metrics[index] { record = number }
            let parent = record.map { $0 << 1 | encoding }
            let base = batch.firstPoint(of: metric.kind)
            switch metric.kind {
            case .none: break
            case .gauge, .sum:
                try resolveStreams(metric.points, of: batch.numberPoints, base: base, parent: parent, reader: reader)
            case .histogram:
                try resolveStreams(metric.points, of: batch.histogramPoints, base: base, parent: parent, reader: reader)
            case .exponentialHistogram:
                try resolveStreams(
                    metric.points, of: batch.exponentialHistogramPoints, base: base, parent: parent, reader: reader)
            case .summary:
                try resolveStreams(metric.points, of: batch.summaryPoints, base: base, parent: parent, reader: reader)
            }
        }
        for exemplar in batch.exemplars where !exemplar.filteredAttributes.isEmpty {
            try check(exemplar.filteredAttributes, by: reader)
        }
    }

    /// Notes what of attributes cannot be read. Those that are too long for any point are not looked into: the point is
    /// rejected when it is applied, the exemplar shown without them.
    private mutating func check(
        _ attributes: UnsafeRawBufferPointer, by reader: AttributeReader
    ) throws(DecodingFailure) {
        guard attributes.count <= settings.rawAttributesLimitBytes else { return }
        _ = try reader.attributesIfText(attributes, losses: &plan.losses)
    }

    /// Points are looked up in blocks: first all fingerprints, so that the memory they lead to is on its way, then the rest.
    /// - Parameters:
    ///   - table: the points of all metrics of the kind.
    ///   - base: where the table begins in `plan.streams`.
    ///   - parent: what the streams are known under; nil when the metric was rejected.
    private mutating func resolveStreams<Point: AttributedPoint>(
        _ points: Range<Int>, of table: [Point], base: Int, parent: UInt32?, reader: AttributeReader
    ) throws(DecodingFailure) {
        guard let parent else {
            for point in points { try check(table[point].rawAttributes, by: reader) }
            return
        }
        var start = points.lowerBound
        while start < points.upperBound {
            let block = start..<min(start + IngestPlan.blockSize, points.upperBound)
            for point in block {
                plan.fingerprints[point - start] = fingerprint(table[point].rawAttributes, parent: parent)
            }
            for position in 0..<block.count { streams.prefetch(plan.fingerprints[position]) }
            for point in block {
                if let known = streams.find(plan.fingerprints[point - start]) {
                    plan.streams[base + point] = known
                    // The points are applied after all were looked up: by then the stream is near.
                    streams.prefetch(known)
                } else {
                    // What is not text is rejected when the point is applied, as it is known under no alias.
                    try check(table[point].rawAttributes, by: reader)
                }
            }
            start = block.upperBound
        }
    }
}

/// A point of any kind, as far as its stream is looked up.
protocol AttributedPoint {
    /// The attributes as received.
    var rawAttributes: UnsafeRawBufferPointer { get }
}

extension NumberDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { attributes }
}

extension HistogramDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { header.attributes }
}

extension ExponentialHistogramDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { header.attributes }
}

extension SummaryDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { header.attributes }
}

extension MetricsBatch {
    /// Points in the tables; those of kinds that were not taken apart are not among them.
    fileprivate var takenPointCount: Int { firstPoint(of: .summary) + summaryPoints.count }

    /// Where the table of a kind begins when all tables stand one after the other.
    func firstPoint(of kind: MetricKind) -> Int {
        switch kind {
        case .none, .gauge, .sum: 0
        case .histogram: numberPoints.count
        case .exponentialHistogram: numberPoints.count + histogramPoints.count
        case .summary: numberPoints.count + histogramPoints.count + exponentialHistogramPoints.count
        }
    }
}
