internal import OTLP

/// Index of metrics by everything but their unit: a gauge whose unit changed replaces the older one on the page.
struct MetricUnits {
    private var index = IndexTable()

    /// The hash of everything that identifies a metric but its unit; see `MetricContent.unitHash`.
    /// - Parameter scopeHash: the content hash of its scope.
    static func hash(of identity: MetricIdentity, scopeHash: UInt64, by hash: SeededHash) -> UInt64 {
        var bytes = identity.name
        bytes += [identity.kind.rawValue, identity.temporality.rawValue, identity.isMonotonic ? 1 : 0]
        return bytes.withUnsafeBytes { hash($0, parent: scopeHash) }
    }

    mutating func insert(_ metric: MetricID, _ content: MetricContent) {
        index.insert(content.unitHash, metric.number)
    }

    mutating func remove(_ metric: MetricID, _ content: MetricContent) {
        index.remove(content.unitHash, metric.number)
    }

    /// The metrics that differ from this one in nothing but the unit.
    func others(than metric: MetricID, in metrics: borrowing IdentityTable<MetricContent>) -> [MetricID] {
        let content = metrics[metric]
        var candidates: [MetricID] = []
        _ = index.find(content.unitHash) { row in
            candidates.append(MetricID(row))
            // Never matches, so that the search visits all of them.
            return false
        }
        var others: [MetricID] = []
        for candidate in candidates where candidate != metric {
            let other = metrics[candidate]
            var identity = other.identity
            identity.unit = content.identity.unit
            if other.scope == content.scope, identity == content.identity { others.append(candidate) }
        }
        return others
    }
}

// MARK: - Invariants

extension MetricUnits {
    /// The index holds every metric, and nothing else.
    func check(_ metrics: IdentityTable<MetricContent>, _ report: inout InvariantReport) {
        var count = 0
        metrics.forEach { number, metric in
            count += 1
            report.require(
                index.holds(metric.unitHash, number.number), "metric \(number): not in the index of units")
        }
        index.check("unit", entries: count, &report)
    }
}
