internal import OTLP
internal import Settings

/// Which points tell of a target.
extension SeriesStore {
    /// Notes a point of a resource. Called once a metric of a request, not once a point.
    mutating func noteTarget(of metric: RawMetric, in batch: borrowing MetricsBatch, now: UnixNanoseconds) {
        let resource = batch.scopes[Int(metric.scope)].resource
        guard case .record(let number) = plan.resources[Int(resource)] else { return }
        if let name = settings.targetlessScope, case .record(let scope) = plan.scopes[Int(metric.scope)],
            identities.scopeName(scope) == name
        {
            return
        }
        identities.noteTarget(number, seen: now)
    }
}
