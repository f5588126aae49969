import Testing

@testable import Series

@Suite struct BucketCountsTests {
    private static let large = UInt64(UInt32.max)

    @Test("counts of any size are kept exactly")
    func countsAreKept() {
        for counts in [[], [0], [1, Self.large], [1, Self.large + 1], [.max, 0, 7]] as [[UInt64]] {
            let kept = BucketCounts(counts)
            #expect(Array(kept) == counts)
            #expect(kept == BucketCounts(counts.map { $0 }))
            #expect(kept.withUnsafeBytes(\.count) == counts.count * (counts.contains { $0 > Self.large } ? 8 : 4))
        }
    }

    @Test("adding widens counts if needed, and stops at the greatest number")
    func countsAddUp() {
        for (first, second, expected) in [
            ([1, 2], [3, 4], [4, 6]), ([1, Self.large], [0, 1], [1, Self.large + 1]),
            ([1, Self.large + 1], [2, 3], [3, Self.large + 4]), ([2, 3], [1, Self.large + 1], [3, Self.large + 4]),
            ([.max, 1], [1, 1], [.max, 2]), ([1, .max], [.max, .max], [.max, .max]),
        ] as [([UInt64], [UInt64], [UInt64])] {
            var counts = BucketCounts(first)
            let before = counts
            counts.add(BucketCounts(second))
            #expect(Array(counts) == expected)
            #expect(counts == BucketCounts(expected))
            #expect(Array(before) == first)
        }
    }

    @Test("a value with one lower bucket is lower")
    func lowerIsNoticed() {
        for (now, before, isLower) in [
            ([1, 2], [1, 2], false), ([2, 1], [1, 2], true), ([Self.large + 1, 2], [Self.large, 2], false),
            ([Self.large, 2], [Self.large + 1, 2], true), ([1, Self.large + 2], [1, Self.large + 1], false),
        ] as [([UInt64], [UInt64], Bool)] {
            #expect(BucketCounts(now).isLowerSomewhere(than: BucketCounts(before)) == isLower)
        }
    }

    @Test("filling and searching a large index takes linear time", .timeLimit(.minutes(1)))
    func indexIsSpread() {
        var random = SeededRandom(seed: 3573)
        var table = IndexTable()
        let hashes = (0..<200_000).map { _ in UInt64.random(in: 0 ... .max, using: &random) }
        for (index, hash) in hashes.enumerated() { table.insert(hash, UInt32(index)) }
        for (index, hash) in hashes.enumerated() where index % 2 == 0 { table.remove(hash, UInt32(index)) }
        for (index, hash) in hashes.enumerated() {
            let found = table.find(hash) { $0 == UInt32(index) }
            #expect((found != nil) == (index % 2 == 1))
        }
        #expect(table.count == 100_000)
    }
}
