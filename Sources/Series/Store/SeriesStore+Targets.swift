internal import OTLP
internal import Settings

/// When each resource last sent a point that was accepted (docs/semantics.md, S18.2).
extension SeriesStore {
    /// Notes a point of a resource. Called once a metric of a request, not once a point.
    mutating func noteTarget(of metric: RawMetric, in batch: borrowing MetricsBatch, now: UnixNanoseconds) {
        let resource = batch.scopes[Int(metric.scope)].resource
        guard case .record(let number) = plan.resources[Int(resource)] else { return }
        if let name = settings.targetlessScope, case .record(let scope) = plan.scopes[Int(metric.scope)],
            scopes[scope].scope.name == name
        {
            return
        }
        noteTarget(number, seen: now)
        resources.changes?.mark(number)
    }

    mutating func noteTarget(_ number: UInt32, seen now: UnixNanoseconds) {
        let index = Int(number)
        if index >= targetsLastSeen.count {
            targetsLastSeen.append(contentsOf: repeatElement(0, count: index + 1 - targetsLastSeen.count))
        }
        targetsLastSeen[index] = now
    }

    /// The place of a dropped resource is given to another one, which has not been seen yet.
    mutating func forgetTarget(_ number: UInt32) {
        if Int(number) < targetsLastSeen.count { targetsLastSeen[Int(number)] = 0 }
    }

    /// The resources to show at `now`: they expire as gauges do. Those that came first, as far as there is room for them.
    mutating func targets(at now: UnixNanoseconds) -> [TargetSnapshot] {
        var result: [TargetSnapshot] = []
        var room = stateLimits.targetBytes
        hiddenTargets = 0
        resources.forEach { number, resource in
            guard Int(number) < targetsLastSeen.count, !resource.attributes.isEmpty else { return }
            let lastSeen = targetsLastSeen[Int(number)]
            guard lastSeen != 0 else { return }
            if let expiry = settings.expiration.gauges, now > lastSeen, now - lastSeen >= expiry { return }
            room -= resources.canonical(of: number)?.count ?? 0
            guard room >= 0 else { return hiddenTargets += 1 }
            result.append(TargetSnapshot(resource: resource, lastSeen: lastSeen))
        }
        return result
    }
}
