internal import OTLP

/// For tests; the program does not call it.
extension SeriesStore {
    /// Every count that the store keeps beside what it counts, each with a change that makes it wrong.
    static var keptCounts: [(name: String, change: (inout SeriesStore) -> Void)] {
        var counts: [(name: String, change: (inout SeriesStore) -> Void)] = [
            ("writers", { $0.writerCount += 1 }),
            ("windows", { $0.windowCount += 1 }),
            ("further aliases", { $0.furtherAliasCount += 1 }),
            ("weight of streams", { $0.streamWeight += 1 }),
            ("weight of a stream", { $0.streams[0].weight -= 1 }),
        ]
        counts += ExposedSeries.keptCounts.map { count in
            (count.name, { $0.exposed[keyPath: count.path] += 1 })
        }
        counts += IdentityTable<Resource>.keptCounts.map { count in
            ("resources: \(count.name)", { $0.resources[keyPath: count.path] += 1 })
        }
        counts += IdentityTable<ScopeContent>.keptCounts.map { count in
            ("scopes: \(count.name)", { $0.scopes[keyPath: count.path] += 1 })
        }
        counts += IdentityTable<MetricContent>.keptCounts.map { count in
            ("metrics: \(count.name)", { $0.metrics[keyPath: count.path] += 1 })
        }
        counts += IndexTable.keptCounts.map { count in
            ("index: \(count.name)", { $0.streamIndex[keyPath: count.path] += 1 })
        }
        counts += ExemplarStore.keptCounts.map { count in
            (count.name, { $0.exemplars[keyPath: count.path] += 1 })
        }
        counts += EventMemory.keptCounts.map { count in
            ("events: \(count.name)", { $0.events[keyPath: count.path] += 1 })
        }
        return counts
    }
}
