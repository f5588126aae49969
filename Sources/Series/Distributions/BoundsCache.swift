/// Bounds lately seen, so that the histograms that share them share their memory and no point allocates them.
struct BoundsCache {
    /// Lists remembered. Points of one metric come one after the other, so a few are enough.
    private static let limit = 16

    private var lists: [[Double]] = []
    /// Where the next new list goes.
    private var next = 0
    /// The list that was asked for last.
    private var latest = 0

    /// The list with these elements, bit by bit.
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
    /// Every list is there once, and places are those of lists.
    func check(_ report: inout InvariantReport) {
        report.compare("kinds of bounds remembered", kept: lists.count, held: Set(lists).count)
        report.require(
            lists.count <= BoundsCache.limit && next < BoundsCache.limit && latest < max(lists.count, 1),
            "bounds: a place is not that of a list")
    }
}
