internal import OTLP
internal import Settings

/// Identity as received: resources, scopes below them, and metrics below those.
///
/// A record lives as long as something of the next level refers to it; a metric, as long as it has streams. A record
/// without references stays until `dropUnused`: a request that evicts a stream may have resolved its metric for a later
/// point.
struct Identities {
    private let writerRules: WriterRules
    private let translation: any StreamTranslation
    private var hash: SeededHash
    private var resources: IdentityTable<Resource>
    private var scopes: IdentityTable<ScopeContent>
    private var metrics: IdentityTable<MetricContent>
    private var units = MetricUnits()
    private var targets = TargetTimes()
    private var unusedResources: [ResourceID] = []
    private var unusedScopes: [ScopeID] = []
    private var unusedMetrics: [MetricID] = []

    /// - Parameter translation: decides which metrics are shown.
    init(_ settings: SeriesSettings, translation: any StreamTranslation, hash: SeededHash) {
        writerRules = settings.writerRules
        self.translation = translation
        self.hash = hash
        resources = IdentityTable(hash: hash, aliasLimit: settings.aliasLimit)
        scopes = IdentityTable(hash: hash, aliasLimit: settings.aliasLimit)
        metrics = IdentityTable(hash: hash, aliasLimit: settings.aliasLimit)
    }

    /// Replaces the hash function; only while there are no records.
    mutating func restart(with hash: SeededHash) {
        self.hash = hash
        resources.restart(with: hash)
        scopes.restart(with: hash)
        metrics.restart(with: hash)
    }

    /// Memory of all records, bytes.
    var weight: Int { resources.weight + scopes.weight + metrics.weight }

    /// Bytes of the canonical forms of all resources.
    var resourceBytes: Int { resources.canonicalBytes }

    /// Metrics held.
    var metricCount: Int { metrics.count }
}

// MARK: - Adding records

extension Identities {
    /// - Parameter raw: as received.
    func findResource(_ raw: UnsafeRawBufferPointer, encoding: WireEncoding) -> ResourceID? {
        resources.find(raw, parent: UInt32(encoding.rawValue))
    }

    /// - Parameter raw: the bytes that `resource` was decoded from; they become its alias.
    mutating func insert(
        _ resource: Resource, as raw: UnsafeRawBufferPointer, encoding: WireEncoding
    ) -> Lookup<Resource> {
        let before = resources.count
        let number = resources.insert(
            raw, parent: UInt32(encoding.rawValue), canonicalParent: 0, parentHash: 0,
            canonical: CanonicalEncoding.bytes(of: resource), content: resource)
        unusedResources.append(number)
        return resources.count > before ? .made(number) : .known(number)
    }

    /// - Parameter raw: all that distinguishes it from other scopes of the resource, as received.
    func findScope(_ raw: UnsafeRawBufferPointer, of resource: ResourceID, encoding: WireEncoding) -> ScopeID? {
        scopes.find(raw, parent: resource.number << 1 | UInt32(encoding.rawValue))
    }

    /// - Parameter raw: the bytes that `scope` was decoded from; they become its alias.
    mutating func insert(
        _ scope: Scope, as raw: UnsafeRawBufferPointer, of resource: ResourceID, encoding: WireEncoding
    ) -> Lookup<ScopeContent> {
        let before = scopes.count
        let number = scopes.insert(
            raw, parent: resource.number << 1 | UInt32(encoding.rawValue), canonicalParent: resource.number,
            parentHash: resources.contentHash(of: resource), canonical: CanonicalEncoding.bytes(of: scope),
            content: ScopeContent(resource: resource, scope: scope))
        guard scopes.count > before else { return .known(number) }
        resources.retain(resource)
        unusedScopes.append(number)
        return .made(number)
    }

    /// - Parameter raw: its header as received.
    func findMetric(_ raw: UnsafeRawBufferPointer, of scope: ScopeID) -> MetricID? {
        metrics.find(raw, parent: scope.number)
    }

    /// - Parameter raw: the header that `identity` was decoded from; it becomes its alias.
    mutating func insert(
        _ identity: MetricIdentity, as raw: UnsafeRawBufferPointer, of scope: ScopeID
    ) -> Lookup<MetricContent> {
        let before = metrics.count
        let content = content(identity, scope: scope)
        let number = metrics.insert(
            raw, parent: scope.number, canonicalParent: scope.number, parentHash: scopes.contentHash(of: scope),
            canonical: CanonicalEncoding.bytes(of: identity), content: content)
        guard metrics.count > before else { return .known(number) }
        scopes.retain(scope)
        units.insert(number, content)
        unusedMetrics.append(number)
        return .made(number)
    }

    private func content(_ identity: MetricIdentity, scope: ScopeID) -> MetricContent {
        MetricContent(
            scope: scope, identity: identity, rule: StreamRule(identity, writerRules: writerRules),
            unitHash: MetricUnits.hash(of: identity, scopeHash: scopes.contentHash(of: scope), by: hash),
            isFiltered: !translation.isShown(identity))
    }
}

// MARK: - Removing records

extension Identities {
    /// Removes a resource that was just created.
    mutating func discardResource(_ number: ResourceID) { dropResourceIfUnreferenced(number) }

    /// Removes a scope that was just created. The request may still use its resource.
    mutating func discardScope(_ number: ScopeID) {
        guard let dropped = scopes.dropIfUnreferenced(number) else { return }
        resources.giveBack(dropped.resource)
        unusedResources.append(dropped.resource)
    }

    /// Removes a metric that was just created. The request may still use its scope.
    mutating func discardMetric(_ number: MetricID) {
        guard let dropped = metrics.dropIfUnreferenced(number) else { return }
        units.remove(number, dropped)
        scopes.giveBack(dropped.scope)
        unusedScopes.append(dropped.scope)
    }

    /// Counts a new stream of a metric.
    mutating func retain(metric: MetricID) { metrics.retain(metric) }

    /// Counts a removed stream of a metric.
    mutating func release(metric: MetricID) {
        metrics.giveBack(metric)
        unusedMetrics.append(metric)
    }

    /// Removes the records without references.
    mutating func dropUnused() {
        for number in unusedMetrics {
            if let dropped = metrics.dropIfUnreferenced(number) {
                units.remove(number, dropped)
                releaseScope(dropped.scope)
            }
        }
        for number in unusedScopes {
            if let dropped = scopes.dropIfUnreferenced(number) { releaseResource(dropped.resource) }
        }
        for number in unusedResources { dropResourceIfUnreferenced(number) }
        unusedMetrics.removeAll(keepingCapacity: true)
        unusedScopes.removeAll(keepingCapacity: true)
        unusedResources.removeAll(keepingCapacity: true)
    }

    private mutating func releaseScope(_ number: ScopeID) {
        scopes.giveBack(number)
        if let dropped = scopes.dropIfUnreferenced(number) { releaseResource(dropped.resource) }
    }

    private mutating func releaseResource(_ number: ResourceID) {
        resources.giveBack(number)
        dropResourceIfUnreferenced(number)
    }

    private mutating func dropResourceIfUnreferenced(_ number: ResourceID) {
        if resources.dropIfUnreferenced(number) != nil { targets.forget(number) }
    }
}

// MARK: - Records

extension Identities {
    /// The metric of this number, which must exist.
    subscript(metric number: MetricID) -> MetricContent { metrics[number] }

    /// Whether a metric has this number.
    func holds(metric: MetricID) -> Bool { metrics.canonical(of: metric) != nil }

    /// The hash of a metric, its scope and resource: the same whenever the record is created again.
    func contentHash(ofMetric number: MetricID) -> UInt64 { metrics.contentHash(of: number) }

    /// Sets the description that the family of a metric shows as help.
    mutating func setHelp(ofMetric number: MetricID, to help: [UInt8]) { metrics.update(number) { $0.help = help } }

    /// The resource of a metric.
    func resource(ofMetric number: MetricID) -> Resource { resources[scopes[metrics[number].scope].resource] }

    /// The name of a scope.
    func scopeName(_ number: ScopeID) -> [UInt8] { scopes[number].scope.name }

    /// The canonical form of a stream of a metric.
    /// - Parameter attributes: in canonical order.
    func identity(ofStreamOf metric: MetricID, _ attributes: [Attribute]) -> StreamIdentity {
        let metric = metrics[metric]
        let scope = scopes[metric.scope]
        return StreamIdentity(
            resource: resources[scope.resource], scope: scope.scope, metric: metric.identity, attributes: attributes)
    }

    /// The metrics that differ from this one in nothing but the unit.
    func metricsWithOtherUnit(than number: MetricID) -> [MetricID] { units.others(than: number, in: metrics) }

    /// Sets the time of the last accepted point of a resource.
    mutating func noteTarget(_ resource: ResourceID, seen now: UnixNanoseconds) {
        targets.note(resource, seen: now)
        resources.markChanged(resource)
    }

    /// See `TargetTimes.shown`.
    mutating func shownTargets(at now: UnixNanoseconds, expiry: UInt64?, room: Int) -> [TargetSnapshot] {
        targets.shown(at: now, of: resources, expiry: expiry, room: room)
    }

    /// Resources for which `target_info` had no room on the last page.
    var hiddenTargetCount: Int { targets.hiddenCount }
}

// MARK: - State

extension Identities {
    /// Tracks changes from now on, for checkpoints.
    mutating func trackChanges() {
        resources.trackChanges()
        scopes.trackChanges()
        metrics.trackChanges()
    }

    /// Makes the next checkpoint write a record again, or its removal.
    /// - Parameter kind: that of a resource, a scope or a metric.
    mutating func markChanged(_ kind: StateKind, _ number: UInt32) {
        switch kind {
        case .resource: resources.markChanged(ResourceID(number))
        case .scope: scopes.markChanged(ScopeID(number))
        case .metric: metrics.markChanged(MetricID(number))
        case .header, .stream, .total, .tombstones, .events, .foldedWindows: break
        }
    }

    /// Passes each record that changed since the last call.
    mutating func takeChanges(into sink: inout some StateSink) {
        resources.takeChanges(of: .resource, into: &sink) { number, _ in targets[number] }
        scopes.takeChanges(of: .scope, into: &sink) { _, scope in UInt64(scope.resource.number) }
        var writer = StateWriter()
        for number in metrics.takeChanged() {
            guard let canonical = metrics.canonical(of: number) else {
                sink.delete(.metric, number.number)
                continue
            }
            writer.number(metrics[number].scope.number)
            writer.string(canonical)
            writer.string(metrics[number].help)
            sink.put(.metric, number.number, writer.bytes, tail: [])
            writer.removeAll()
        }
    }

    /// Restores a resource.
    /// - Parameter depth: limit for the nesting of attributes.
    mutating func restoreResource(
        _ number: ResourceID, _ reader: inout StateReader, depth: Int
    ) throws(StateFault) {
        let lastSeen = try reader.number()
        let canonical = try reader.slice()
        try reader.end()
        var content = StateReader(canonical)
        let resource = try content.canonicalResource(depth: depth)
        try content.end()
        try resources.restore(
            number, canonicalParent: 0, parentHash: 0, canonical: [UInt8](canonical), content: resource)
        targets.note(number, seen: lastSeen)
    }

    /// Restores a scope, after its resource.
    /// - Parameter depth: limit for the nesting of attributes.
    mutating func restoreScope(_ number: ScopeID, _ reader: inout StateReader, depth: Int) throws(StateFault) {
        let resource = ResourceID(try reader.number32())
        let canonical = try reader.slice()
        try reader.end()
        guard resources.canonical(of: resource) != nil else { throw .orphan }
        var content = StateReader(canonical)
        let scope = try content.canonicalScope(depth: depth)
        try content.end()
        try scopes.restore(
            number, canonicalParent: resource.number, parentHash: resources.contentHash(of: resource),
            canonical: [UInt8](canonical), content: ScopeContent(resource: resource, scope: scope))
        resources.retain(resource)
    }

    /// Restores a metric, after its scope.
    mutating func restoreMetric(_ number: MetricID, _ reader: inout StateReader) throws(StateFault) {
        let scope = ScopeID(try reader.number32())
        let canonical = try reader.slice()
        let help = try reader.string()
        try reader.end()
        guard scopes.canonical(of: scope) != nil else { throw .orphan }
        var reader = StateReader(canonical)
        let identity = try reader.canonicalMetric()
        try reader.end()
        var content = content(identity, scope: scope)
        content.help = help
        try metrics.restore(
            number, canonicalParent: scope.number, parentHash: scopes.contentHash(of: scope),
            canonical: [UInt8](canonical),
            content: content)
        scopes.retain(scope)
        units.insert(number, content)
    }

    /// Collects the free rows after the last record is restored.
    mutating func finishRestoring() {
        resources.finishRestoring()
        scopes.finishRestoring()
        metrics.finishRestoring()
    }

    /// Removes all records without references, queued for `dropUnused` or not.
    mutating func dropAllUnused() {
        resources.forEach { number, _ in unusedResources.append(number) }
        scopes.forEach { number, _ in unusedScopes.append(number) }
        metrics.forEach { number, _ in unusedMetrics.append(number) }
        dropUnused()
    }
}

// MARK: - Invariants

extension Identities {
    /// Every record is in its index and has references, and none waits for `dropUnused`.
    /// - Parameter isTracked: whether there is a state directory.
    func check(_ streams: StreamTable, isTracked: Bool, _ report: inout InvariantReport) {
        var (ofResources, ofScopes, ofMetrics): ([ResourceID: Int], [ScopeID: Int], [MetricID: Int]) = ([:], [:], [:])
        scopes.forEach { _, scope in ofResources[scope.resource, default: 0] += 1 }
        metrics.forEach { _, metric in ofScopes[metric.scope, default: 0] += 1 }
        streams.forEach { number, stream in
            ofMetrics[stream.metric, default: 0] += 1
            report.require(holds(metric: stream.metric), "stream \(number): its metric is gone")
        }
        resources.check("resource", references: ofResources, isTracked: isTracked, &report)
        scopes.check("scope", references: ofScopes, isTracked: isTracked, &report)
        metrics.check("metric", references: ofMetrics, isTracked: isTracked, &report)
        units.check(metrics, &report)
        targets.check(&report) { resources.canonical(of: $0) != nil }
        report.require(
            unusedResources.isEmpty && unusedScopes.isEmpty && unusedMetrics.isEmpty,
            "identities wait to be dropped")
    }

    static var keptCounts: [KeptCount<Identities>] {
        KeptCount.of(\Self.resources, IdentityTable<Resource>.keptCounts, in: "resources")
            + KeptCount.of(\Self.scopes, IdentityTable<ScopeContent>.keptCounts, in: "scopes")
            + KeptCount.of(\Self.metrics, IdentityTable<MetricContent>.keptCounts, in: "metrics")
    }

    /// For tests, which corrupt private state.
    static var inside:
        (
            metrics: WritableKeyPath<Self, IdentityTable<MetricContent>>, units: WritableKeyPath<Self, MetricUnits>,
            unusedMetrics: WritableKeyPath<Self, [MetricID]>
        )
    { (\.metrics, \.units, \.unusedMetrics) }
}
