/// Recent lists of bounds: histograms with equal bounds share their memory, and points need no allocation.
struct BoundsCache {
    /// Number of lists. Points of one metric follow each other, so a few are enough.
    private static let limit = 16

    private var lists: [[Double]] = []
    /// Position of the next new list.
    private var next = 0
    /// Position of the last list returned.
    private var latest = 0

    /// The list with exactly these elements.
    mutating func shared(_ bounds: ArraySlice<Double>) -> [Double] {
        if bounds.isEmpty { return [] }
        if latest < lists.count, lists[latest].elementsEqual(bounds) { return lists[latest] }
        if let known = lists.firstIndex(where: { $0.elementsEqual(bounds) }) {
            latest = known
            return lists[known]
        }
        let list = [Double](bounds)
        if lists.count < BoundsCache.limit {
            latest = lists.count
            lists.append(list)
        } else {
            lists[next] = list
            latest = next
            next = (next + 1) % BoundsCache.limit
        }
        return list
    }
}

// MARK: - Invariants

extension BoundsCache {
    /// Every list is there once, and positions are valid.
    func check(_ report: inout InvariantReport) {
        report.compare("kinds of bounds remembered", kept: lists.count, held: Set(lists).count)
        report.require(
            lists.count <= BoundsCache.limit && next < BoundsCache.limit && latest < max(lists.count, 1),
            "bounds: a place is not that of a list")
    }
}
