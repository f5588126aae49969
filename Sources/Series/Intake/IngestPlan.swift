internal import OTLP

/// The records and streams of one request, found by raw bytes before anything counts. Creates records of resources,
/// scopes and metrics, but no streams.
struct IngestPlan {
    /// The record of a batch index, or the reason why there is none.
    enum Entry<Record> {
        case record(RowID<Record>)
        case rejected(RejectionReason)

        /// - Parameter hasRoom: false if the record was created and removed again.
        init(_ lookup: Identities.Lookup<Record>, hasRoom: Bool) {
            switch lookup {
            case .known(let number): self = .record(number)
            case .made(let number): self = hasRoom ? .record(number) : .rejected(.stateMemory)
            case .rejected(let reason): self = .rejected(reason)
            }
        }
    }

    private var resolver: IdentityResolver
    private var resources: [Entry<Resource>] = []
    private var scopes: [Entry<ScopeContent>] = []
    private var metrics: [Entry<MetricContent>] = []
    /// Parts that could not be decoded.
    private(set) var losses = DecodingLosses()
    /// By point: the stream, or `StreamID.none` if it is new.
    private var streams: [StreamID] = []
    /// Of the points of one block.
    private var fingerprints = [Fingerprint](repeating: Fingerprint(first: 0, second: 0), count: blockSize)
    /// Points looked up together.
    private static let blockSize = 16

    /// - Parameter identityLimitBytes: bytes of a resource, a scope or a metric's header; longer ones are rejected.
    init(identityLimitBytes: Int) { resolver = IdentityResolver(limit: identityLimitBytes) }

    /// The metric of this index.
    func metric(_ index: Int) -> Entry<MetricContent> { metrics[index] }

    /// The stream of a point, by its position among the points of all kinds; `none` if it is new.
    @inline(__always)
    func stream(ofPoint place: Int) -> StreamID { streams[place] }

    /// The resource whose time a point of a metric updates, once for each metric of a request; nil if none.
    /// - Parameter targetless: the name of the scope whose metrics update no target.
    func target(
        of metric: RawMetric, in batch: borrowing MetricsBatch, _ identities: borrowing Identities, targetless: [UInt8]?
    ) -> ResourceID? {
        guard case .record(let resource) = resources[Int(batch.scopes[Int(metric.scope)].resource)] else { return nil }
        if let targetless, case .record(let scope) = scopes[Int(metric.scope)],
            identities.scopeName(scope) == targetless
        {
            return nil
        }
        return resource
    }

    private mutating func clear() {
        resources.removeAll(keepingCapacity: true)
        scopes.removeAll(keepingCapacity: true)
        metrics.removeAll(keepingCapacity: true)
        streams.removeAll(keepingCapacity: true)
    }
}

// MARK: - Resolving

extension IngestPlan {
    /// Finds every resource, scope, metric and stream of the batch, and checks the attributes of those that are new.
    mutating func resolve(
        _ batch: borrowing MetricsBatch, in held: inout BoundedLedger, by describer: StreamDescriber
    ) throws(DecodingFailure) {
        clear()
        losses = batch.losses
        let encoding = batch.encoding
        let reader = batch.attributeReader(limits: describer.decodingLimits)
        for raw in batch.resources {
            let lookup = try resolver.resolve(
                raw, in: &held.ledger.identities, reader: reader, encoding: encoding, losses: &losses)
            let made = madeWithoutRoom(lookup, in: &held)
            if let made { held.ledger.identities.discardResource(made) }
            resources.append(Entry(lookup, hasRoom: made == nil))
        }
        for raw in batch.scopes {
            let resource: ResourceID
            switch resources[Int(raw.resource)] {
            case .record(let number): resource = number
            case .rejected(let reason):
                _ = try reader.scopeIfText(raw.bytes, losses: &losses)
                scopes.append(.rejected(reason))
                continue
            }
            let lookup = try resolver.resolve(
                raw, of: resource, in: &held.ledger.identities, reader: reader, encoding: encoding, losses: &losses)
            let made = madeWithoutRoom(lookup, in: &held)
            if let made { held.ledger.identities.discardScope(made) }
            scopes.append(Entry(lookup, hasRoom: made == nil))
        }
        for raw in batch.metrics {
            let scope: ScopeID
            switch scopes[Int(raw.scope)] {
            case .record(let number): scope = number
            case .rejected(let reason):
                metrics.append(.rejected(reason))
                continue
            }
            let lookup = try resolver.resolve(raw, of: scope, in: &held.ledger.identities, reader: reader)
            let made = madeWithoutRoom(lookup, in: &held)
            if let made { held.ledger.identities.discardMetric(made) }
            metrics.append(Entry(lookup, hasRoom: made == nil))
        }
        try resolveStreams(of: batch, in: held.ledger, by: describer, reader: reader)
    }

    /// The record that was just created, if there is no room for it.
    private func madeWithoutRoom<Record>(
        _ lookup: Identities.Lookup<Record>, in held: inout BoundedLedger
    ) -> RowID<Record>? {
        guard case .made(let number) = lookup, !held.makeRoom(forBytes: 0, now: held.ledger.lastArrival)
        else { return nil }
        return number
    }

    private mutating func resolveStreams(
        of batch: borrowing MetricsBatch, in ledger: borrowing Ledger, by describer: StreamDescriber,
        reader: AttributeReader
    ) throws(DecodingFailure) {
        streams.append(contentsOf: repeatElement(StreamID.none, count: batch.takenPointCount))
        for index in batch.metrics.indices {
            let metric = batch.metrics[index]
            var record: MetricID?
            if case .record(let number) = metrics[index] { record = number }
            let parent = record.map { $0.number << 1 | UInt32(batch.encoding.rawValue) }
            let base = batch.firstPoint(of: metric.kind)
            switch metric.kind {
            case .none: break
            case .gauge, .sum:
                try resolve(metric.points, of: batch.points.numbers, base, parent, in: ledger, by: describer, reader)
            case .histogram:
                try resolve(metric.points, of: batch.points.histograms, base, parent, in: ledger, by: describer, reader)
            case .exponentialHistogram:
                try resolve(
                    metric.points, of: batch.points.exponentialHistograms, base, parent, in: ledger, by: describer,
                    reader)
            case .summary:
                try resolve(metric.points, of: batch.points.summaries, base, parent, in: ledger, by: describer, reader)
            }
        }
        for exemplar in batch.points.exemplars where !exemplar.filteredAttributes.isEmpty {
            try describer.check(exemplar.filteredAttributes, by: reader, losses: &losses)
        }
    }

    /// Points are looked up in blocks: first all fingerprints, to prefetch the memory of the streams, then the streams.
    /// - Parameters:
    ///   - table: the points of all metrics of the kind.
    ///   - base: position of the first point of the kind among all points.
    ///   - parent: the parent of the aliases; nil if the metric was rejected.
    private mutating func resolve<Point: AttributedPoint>(
        _ points: Range<Int>, of table: [Point], _ base: Int, _ parent: UInt32?, in ledger: borrowing Ledger,
        by describer: StreamDescriber, _ reader: AttributeReader
    ) throws(DecodingFailure) {
        guard let parent else {
            for point in points { try describer.check(table[point].rawAttributes, by: reader, losses: &losses) }
            return
        }
        var start = points.lowerBound
        while start < points.upperBound {
            let block = start..<min(start + IngestPlan.blockSize, points.upperBound)
            for point in block {
                fingerprints[point - start] = ledger.fingerprint(table[point].rawAttributes, parent: parent)
            }
            for position in 0..<block.count { ledger.streams.prefetch(fingerprints[position]) }
            for point in block {
                if let known = ledger.streams.find(fingerprints[point - start]) {
                    streams[base + point] = known
                    // The points are applied after all lookups: by then the stream is in the cache.
                    ledger.streams.prefetch(known)
                } else {
                    // Attributes that are not UTF-8 have no alias; the point is rejected when it is applied.
                    try describer.check(table[point].rawAttributes, by: reader, losses: &losses)
                }
            }
            start = block.upperBound
        }
    }
}
