internal import CMemory
internal import OTLP

/// Identity: from raw bytes to records. Makes records, but counts nothing.
extension SeriesStore {
    /// Finds every resource, scope, metric and stream of the batch, and checks the attributes of those that are new.
    mutating func resolve(_ batch: borrowing MetricsBatch) throws(DecodingFailure) {
        plan.clear()
        plan.losses = batch.losses
        let encoding = UInt32(batch.encoding.rawValue)
        let reader = batch.attributeReader(limits: decodingLimits)
        for raw in batch.resources {
            plan.resources.append(try resolve(raw, reader: reader, encoding: encoding))
        }
        for raw in batch.scopes {
            plan.scopes.append(try resolve(raw, reader: reader, encoding: encoding))
        }
        for raw in batch.metrics {
            plan.metrics.append(try resolve(raw, reader: reader))
        }
        try resolveStreams(of: batch, reader: reader, encoding: encoding)
    }

    private mutating func resolve(
        _ raw: RawResource, reader: AttributeReader, encoding: UInt32
    ) throws(DecodingFailure) -> IngestPlan.Entry {
        guard raw.bytes.count <= settings.identityLimitBytes else { return .rejected(.identityLimit) }
        if let known = resources.find(raw.bytes, parent: encoding) { return .record(known) }
        guard let resource = try reader.resourceIfText(raw.bytes, losses: &plan.losses) else {
            return .rejected(.invalidText)
        }
        let before = resources.count
        let number = resources.insert(
            raw.bytes, parent: encoding, canonicalParent: 0, parentHash: 0,
            canonical: CanonicalEncoding.bytes(of: resource), content: resource)
        plan.unusedResources.append(number)
        if resources.count > before, let reason = reasonOfIdentity() {
            dropResourceIfUnreferenced(number)
            return .rejected(reason)
        }
        return .record(number)
    }

    private mutating func resolve(
        _ raw: RawScope, reader: AttributeReader, encoding: UInt32
    ) throws(DecodingFailure) -> IngestPlan.Entry {
        let resource: UInt32
        switch plan.resources[Int(raw.resource)] {
        case .record(let number): resource = number
        case .rejected(let reason):
            _ = try reader.scopeIfText(raw.bytes, losses: &plan.losses)
            return .rejected(reason)
        }
        var key = takeScratch()
        defer { plan.scratch = key }
        key.append(contentsOf: raw.bytes)
        key.append(contentsOf: raw.schemaURL)
        CanonicalEncoding.append(UInt64(raw.schemaURL.count), to: &key)
        let parent = resource << 1 | encoding
        if let known = key.withUnsafeBytes({ scopes.find($0, parent: parent) }) { return .record(known) }
        guard var scope = try reader.scopeIfText(raw.bytes, losses: &plan.losses) else {
            return .rejected(.invalidText)
        }
        guard key.count <= settings.identityLimitBytes else { return .rejected(.identityLimit) }
        scope.schemaURL = [UInt8](raw.schemaURL)
        let before = scopes.count
        let number = key.withUnsafeBytes {
            scopes.insert(
                $0, parent: parent, canonicalParent: resource, parentHash: resources.contentHash(of: resource),
                canonical: CanonicalEncoding.bytes(of: scope),
                content: ScopeContent(resource: resource, scope: scope))
        }
        if scopes.count > before {
            resources.retain(resource)
            plan.unusedScopes.append(number)
            if let reason = reasonOfIdentity() {
                // The request may go on with the resource.
                _ = scopes.dropIfUnreferenced(number)
                resources.giveBack(resource)
                plan.unusedResources.append(resource)
                return .rejected(reason)
            }
        }
        return .record(number)
    }

    private mutating func resolve(
        _ raw: RawMetric, reader: AttributeReader
    ) throws(DecodingFailure) -> IngestPlan.Entry {
        let scope: UInt32
        switch plan.scopes[Int(raw.scope)] {
        case .record(let number): scope = number
        case .rejected(let reason): return .rejected(reason)
        }
        var key = takeScratch()
        defer { plan.scratch = key }
        appendHeader(of: raw, to: &key)
        let parent = scope
        if let known = key.withUnsafeBytes({ metrics.find($0, parent: parent) }) { return .record(known) }
        guard key.count <= settings.identityLimitBytes else { return .rejected(.identityLimit) }
        var identity = MetricIdentity(
            name: [UInt8](raw.name), unit: [UInt8](raw.unit), kind: raw.kind, temporality: raw.temporality,
            isMonotonic: raw.isMonotonic)
        if !raw.metadata.isEmpty, raw.kind == .gauge {
            identity.metadataType = MetricIdentity.metadataType(in: try reader.attributes(raw.metadata))
        }
        let before = metrics.count
        let content = metricContent(identity, scope: scope)
        let number = key.withUnsafeBytes {
            metrics.insert(
                $0, parent: parent, canonicalParent: parent, parentHash: scopes.contentHash(of: scope),
                canonical: CanonicalEncoding.bytes(of: identity), content: content)
        }
        if metrics.count > before {
            scopes.retain(scope)
            unitIndex.insert(content.unitHash, number)
            plan.unusedMetrics.append(number)
            if let reason = reasonOfIdentity() {
                _ = metrics.dropIfUnreferenced(number)
                unitIndex.remove(content.unitHash, number)
                scopes.giveBack(scope)
                plan.unusedScopes.append(scope)
                return .rejected(reason)
            }
        }
        return .record(number)
    }

    func metricContent(_ identity: MetricIdentity, scope: UInt32) -> MetricContent {
        MetricContent(
            scope: scope, identity: identity, rule: StreamRule(identity, writerRules: settings.writerRules),
            unitHash: unitHash(of: identity, scope: scope), isFiltered: !translation.isShown(identity))
    }

    /// The scratch buffer, empty; whoever takes it gives it back, so that its memory is used again.
    private mutating func takeScratch() -> [UInt8] {
        var scratch: [UInt8] = []
        swap(&scratch, &plan.scratch)
        scratch.removeAll(keepingCapacity: true)
        return scratch
    }

    /// Appends the raw header; it needs no encoding mark: strings come from both encodings unescaped, and raw metadata
    /// begins with another byte in each.
    private func appendHeader(of raw: RawMetric, to key: inout [UInt8]) {
        key.append(contentsOf: raw.name)
        key.append(contentsOf: raw.unit)
        key.append(contentsOf: raw.description)
        if !raw.metadata.isEmpty {
            key.append(contentsOf: raw.metadata)
            CanonicalEncoding.append(UInt64(raw.metadata.count), to: &key)
        }
        CanonicalEncoding.append(UInt64(raw.name.count) << 32 | UInt64(raw.unit.count), to: &key)
        key.append(raw.kind.rawValue << 4 | raw.temporality.rawValue << 1 | (raw.isMonotonic ? 1 : 0))
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
            for position in 0..<block.count { streamAliases.prefetch(plan.fingerprints[position]) }
            for point in block {
                if let known = streamAliases.find(plan.fingerprints[point - start]) {
                    plan.streams[base + point] = known
                    prefetchStream(known)
                } else {
                    // What is not text is rejected when the point is applied, as it is known under no alias.
                    try check(table[point].rawAttributes, by: reader)
                }
            }
            start = block.upperBound
        }
    }

    /// The points are applied after all were looked up: by then the stream is near.
    @inline(__always)
    private func prefetchStream(_ number: StreamID) {
        streams.withUnsafeBytes { records in
            let stride = MemoryLayout<StreamRecord>.stride
            let record = UnsafeRawBufferPointer(rebasing: records[(number.row * stride)...].prefix(stride))
            prefetch_bytes(record.baseAddress, record.count)
        }
    }

    /// Drops the records that nothing refers to any more, or never did.
    mutating func dropUnusedIdentities() {
        for number in plan.unusedMetrics {
            if let dropped = metrics.dropIfUnreferenced(number) {
                unitIndex.remove(dropped.unitHash, number)
                releaseScope(dropped.scope)
            }
        }
        for number in plan.unusedScopes {
            if let dropped = scopes.dropIfUnreferenced(number) { releaseResource(dropped.resource) }
        }
        for number in plan.unusedResources { dropResourceIfUnreferenced(number) }
        plan.unusedMetrics.removeAll(keepingCapacity: true)
        plan.unusedScopes.removeAll(keepingCapacity: true)
        plan.unusedResources.removeAll(keepingCapacity: true)
    }

    /// Takes back a stream's reference. The record goes at the end of the request at the earliest: the request that
    /// evicts a stream may have resolved its metric for a later point.
    mutating func releaseMetric(_ number: UInt32) {
        metrics.giveBack(number)
        plan.unusedMetrics.append(number)
    }

    private mutating func releaseScope(_ number: UInt32) {
        scopes.giveBack(number)
        if let dropped = scopes.dropIfUnreferenced(number) { releaseResource(dropped.resource) }
    }

    private mutating func releaseResource(_ number: UInt32) {
        resources.giveBack(number)
        dropResourceIfUnreferenced(number)
    }

    private mutating func dropResourceIfUnreferenced(_ number: UInt32) {
        if resources.dropIfUnreferenced(number) != nil { targets.forget(number) }
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
