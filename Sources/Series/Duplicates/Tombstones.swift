internal import OTLP

/// The last values of evicted, folded and forgotten cumulative writers: if one returns, only its growth counts. 32
/// bytes each, and eight for its place in the order of eviction.
///
/// Places are numbered in order of eviction and stored on disk in runs of `runLength`, so that a run is written about
/// once, when it is full.
struct Tombstones {
    private struct Key: Hashable {
        /// The stream's canonical hash.
        var identity: UInt64
        var startTime: UnixNanoseconds
    }

    private struct Entry {
        var value: SampleValue
        /// Its place in the order of eviction.
        var place: UInt32
    }

    private var entries: [Key: Entry] = [:]
    /// Oldest first; removed keys stay until they are first. The first one has the place `begin`.
    private var order: [Key] = []
    private var first = 0
    private var begin: UInt32 = 0
    /// Runs that changed since the last checkpoint; nil without a state directory.
    private var changes: ChangeList?

    static let runLength: UInt32 = 64

    var count: Int { entries.count }

    mutating func insert(identity: UInt64, startTime: UnixNanoseconds, value: SampleValue) {
        let key = Key(identity: identity, startTime: startTime)
        if let known = entries[key] {
            entries[key] = Entry(value: value, place: known.place)
            mark(known.place)
            return
        }
        if order.count - first > 2 * entries.count + 1024 || end >= IdentityNumbers.limit { compact() }
        entries[key] = Entry(value: value, place: end)
        mark(end)
        order.append(key)
    }

    /// The place of the next one.
    private var end: UInt32 { begin + UInt32(order.count - first) }

    private mutating func mark(_ place: UInt32) { changes?.mark(place / Tombstones.runLength) }

    /// Renumbers all places from 0.
    private mutating func compact() {
        for run in begin / Tombstones.runLength...end / Tombstones.runLength { changes?.mark(run) }
        var kept: [Key] = []
        kept.reserveCapacity(entries.count)
        for (offset, key) in order[first...].enumerated() where entries[key]?.place == begin + UInt32(offset) {
            entries[key]?.place = UInt32(kept.count)
            mark(UInt32(kept.count))
            kept.append(key)
        }
        order = kept
        first = 0
        begin = 0
    }

    func holds(identity: UInt64, startTime: UnixNanoseconds) -> Bool {
        !entries.isEmpty && entries[Key(identity: identity, startTime: startTime)] != nil
    }

    /// Removes and returns the last value of a returning writer.
    mutating func take(identity: UInt64, startTime: UnixNanoseconds) -> SampleValue? {
        guard !entries.isEmpty, let entry = entries.removeValue(forKey: Key(identity: identity, startTime: startTime))
        else { return nil }
        mark(entry.place)
        return entry.value
    }

    /// Removes the oldest one.
    mutating func dropOldest() {
        while first < order.count {
            let key = order[first]
            let place = begin
            first += 1
            begin += 1
            if first > 1024, first * 2 > order.count {
                order.removeFirst(first)
                first = 0
            }
            guard entries[key]?.place == place else { continue }
            entries[key] = nil
            mark(place)
            return
        }
    }
}

extension Tombstones {
    /// Tracks changes from now on, for checkpoints.
    mutating func trackChanges() { changes = ChangeList() }

    /// Makes the next checkpoint write a run again, or its removal.
    mutating func markChanged(run: UInt32) { changes?.mark(run) }

    /// The runs that changed since the last call, with their current content; nil for an empty one.
    mutating func takeChanges(_ body: (UInt32, StateWriter?) -> Void) {
        guard let runs = changes?.takeAll() else { return }
        for run in runs {
            var writer = StateWriter()
            let places = run * Tombstones.runLength..<(run + 1) * Tombstones.runLength
            for place in places where place >= begin && place < end {
                let key = order[first + Int(place - begin)]
                guard let entry = entries[key], entry.place == place else { continue }
                writer.fixed(key.identity)
                writer.number(key.startTime)
                entry.value.write(to: &writer)
            }
            body(run, writer.bytes.isEmpty ? nil : writer)
        }
    }

    /// Restores the tombstones of a run; they count as newer than those restored before and get new places.
    mutating func restore(run: UInt32, from reader: inout StateReader) throws(StateFault) {
        var restored: [(key: Key, value: SampleValue)] = []
        while reader.remaining > 0 {
            let key = Key(identity: try reader.fixed(), startTime: try reader.number())
            restored.append((key, try SampleValue(from: &reader)))
        }
        changes?.mark(run)
        for (key, value) in restored { insert(identity: key.identity, startTime: key.startTime, value: value) }
    }
}

// MARK: - Invariants

extension Tombstones {
    /// Every tombstone is at its place in the order of eviction.
    /// - Parameter isTracked: whether there is a state directory.
    func check(isTracked: Bool, _ report: inout InvariantReport) {
        report.checkChanges(changes, "tombstones", isTracked: isTracked)
        for (key, entry) in entries {
            let position = first + Int(entry.place) - Int(begin)
            report.require(
                position >= first && position < order.count && order[position] == key,
                "tombstone at \(entry.place): not in the order of eviction")
        }
        report.require(first <= order.count, "tombstones: the order begins behind its end")
    }
}
