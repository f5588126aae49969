internal import OTLP

/// For tests; the program does not call it.
extension SeriesStore {
    /// Every count that the store keeps beside what it counts, each with a change that makes it wrong.
    static var keptCounts: [(name: String, change: (inout SeriesStore) -> Void)] {
        var counts: [(name: String, change: (inout SeriesStore) -> Void)] = []
        counts += StreamTable.keptCounts.map { count in
            (count.name, { $0.streams[keyPath: count.path] += 1 })
        }
        counts += ExposedSeries.keptCounts.map { count in
            (count.name, { $0.exposed[keyPath: count.path] += 1 })
        }
        counts += Identities.keptCounts.map { count in
            (count.name, { $0.identities[keyPath: count.path] += 1 })
        }
        counts += ExemplarStore.keptCounts.map { count in
            (count.name, { $0.exemplars[keyPath: count.path] += 1 })
        }
        counts += DuplicateMemory.keptCounts.map { count in
            (count.name, { $0.duplicates[keyPath: count.path] += 1 })
        }
        return counts
    }
}
