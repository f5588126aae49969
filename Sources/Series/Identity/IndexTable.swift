/// An open-addressing table from 32 bits of a hash to indices. The caller keeps the keys and verifies them.
///
/// Eight bytes a slot, between 4/7 and 3/4 full: the number of slots is not a power of two, which could make the table
/// twice as large as needed. Complexity: O(1) expected for all operations.
struct IndexTable {
    /// Slot: hash in the high half, index in the low half; `empty` and `removed` have reserved indices.
    private var slots: [UInt64]
    private(set) var count = 0
    private var removedCount = 0

    private static let empty = UInt64(UInt32.max)
    private static let removed = UInt64(UInt32.max - 1)

    private static let smallestCapacity = 64

    init() {
        slots = Array(repeating: IndexTable.empty, count: IndexTable.smallestCapacity)
    }

    /// The first index stored under an equal hash; the key is not verified.
    @inline(__always)
    func candidate(_ hash: UInt64) -> UInt32? { find(hash) { _ in true } }

    /// The first index stored under `hash` for which `matches` is true.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (UInt32) -> Bool) -> UInt32? {
        let wanted = UInt32(truncatingIfNeeded: hash >> 32)
        var position = home(of: wanted)
        while true {
            let slot = slots[position]
            if slot == IndexTable.empty { return nil }
            if slot != IndexTable.removed, UInt32(truncatingIfNeeded: slot >> 32) == wanted {
                let index = UInt32(truncatingIfNeeded: slot)
                if matches(index) { return index }
            }
            position = following(position)
        }
    }

    /// Where the search for a hash begins: proportional to the hash.
    @inline(__always)
    private func home(of wanted: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(wanted) &* UInt64(truncatingIfNeeded: slots.count)) >> 32)
    }

    @inline(__always)
    private func following(_ position: Int) -> Int {
        let next = position &+ 1
        return next == slots.count ? 0 : next
    }

    /// Stores `index` under `hash`. Its key must not be stored yet.
    mutating func insert(_ hash: UInt64, _ index: UInt32) {
        precondition(index < UInt32.max - 1, "indices stay below the reserved values")
        if (count + removedCount + 1) * 4 > slots.count * 3 { rebuild() }
        place(UInt64(UInt32(truncatingIfNeeded: hash >> 32)) << 32 | UInt64(index))
        count += 1
    }

    /// Removes `index` under `hash`; does nothing if it is not there.
    mutating func remove(_ hash: UInt64, _ index: UInt32) {
        let wanted = UInt64(UInt32(truncatingIfNeeded: hash >> 32)) << 32 | UInt64(index)
        var position = home(of: UInt32(truncatingIfNeeded: wanted >> 32))
        while slots[position] != IndexTable.empty {
            if slots[position] == wanted {
                slots[position] = IndexTable.removed
                count -= 1
                removedCount += 1
                return
            }
            position = following(position)
        }
    }

    private mutating func place(_ slot: UInt64) {
        var position = home(of: UInt32(truncatingIfNeeded: slot >> 32))
        while slots[position] != IndexTable.empty {
            position = following(position)
        }
        slots[position] = slot
    }

    private mutating func rebuild() {
        let old = slots
        slots = Array(
            repeating: IndexTable.empty, count: max(IndexTable.smallestCapacity, (count + 1) * 7 / 4))
        removedCount = 0
        for slot in old where slot != IndexTable.empty && slot != IndexTable.removed { place(slot) }
    }
}

// MARK: - Invariants

extension IndexTable {
    /// Whether `index` is stored under `hash`.
    func holds(_ hash: UInt64, _ index: UInt32) -> Bool { find(hash) { $0 == index } != nil }

    /// - Parameter entries: how many there should be.
    func check(_ name: String, entries: Int, _ report: inout InvariantReport) {
        let removed = slots.count { $0 == IndexTable.removed }
        let held = slots.count { $0 != IndexTable.empty } - removed
        report.compare("index of \(name): entries", kept: count, held: held)
        report.compare("index of \(name): removed entries", kept: removedCount, held: removed)
        report.compare("index of \(name)", kept: count, held: entries)
    }

    static var keptCounts: [KeptCount<IndexTable>] {
        [KeptCount("entries", \.count), KeptCount("removed entries", \.removedCount)]
    }
}
