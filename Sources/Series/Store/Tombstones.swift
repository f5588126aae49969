internal import OTLP

/// The last values of evicted cumulative writers, so that one that returns adds only its growth. 32 bytes each.
struct Tombstones {
    private struct Key: Hashable {
        /// The stream's canonical hash.
        var identity: UInt64
        var startTime: UnixNanoseconds
    }

    private var values: [Key: SampleValue] = [:]
    /// Oldest first; keys that were taken out stay until they come to the front.
    private var order: [Key] = []
    private var first = 0

    var count: Int { values.count }

    mutating func insert(identity: UInt64, startTime: UnixNanoseconds, value: SampleValue) {
        let key = Key(identity: identity, startTime: startTime)
        guard values.updateValue(value, forKey: key) == nil else { return }
        if order.count - first > 2 * values.count + 1024 { compact() }
        order.append(key)
    }

    /// Drops keys that were taken out, and of those inserted again all but the newest place.
    private mutating func compact() {
        var seen = Set<Key>()
        let kept = order[first...].reversed().filter { values[$0] != nil && seen.insert($0).inserted }
        order = kept.reversed()
        first = 0
    }

    func holds(identity: UInt64, startTime: UnixNanoseconds) -> Bool {
        !values.isEmpty && values[Key(identity: identity, startTime: startTime)] != nil
    }

    /// The value that a returning writer had, which is forgotten here.
    mutating func take(identity: UInt64, startTime: UnixNanoseconds) -> SampleValue? {
        values.isEmpty ? nil : values.removeValue(forKey: Key(identity: identity, startTime: startTime))
    }

    /// Forgets the oldest one.
    mutating func dropOldest() {
        while first < order.count {
            let key = order[first]
            first += 1
            if first > 1024, first * 2 > order.count {
                order.removeFirst(first)
                first = 0
            }
            if values.removeValue(forKey: key) != nil { return }
        }
    }
}
