/// Observations in each bucket of a histogram, four bytes each until one of them needs eight, which is rare: a
/// collector holds very many.
struct BucketCounts: Equatable, Sendable, ExpressibleByArrayLiteral {
    /// Wide if, and only if, a count needs it, so that equal counts are equal.
    private enum Storage: Equatable {
        case narrow([UInt32])
        case wide([UInt64])
    }

    private var storage: Storage

    init(_ counts: some Collection<UInt64>) {
        storage =
            counts.allSatisfy { $0 <= UInt64(UInt32.max) }
            ? .narrow(counts.map { UInt32(truncatingIfNeeded: $0) }) : .wide([UInt64](counts))
    }

    init(arrayLiteral counts: UInt64...) { self.init(counts) }

    /// Adds bucket by bucket, as many as both have. Counts that overflow stay at the greatest number.
    mutating func add(_ other: BucketCounts) {
        if case .narrow(let added) = other.storage, addInPlace(added) { return }
        self = BucketCounts(zip(self, other).map { $0.addingSaturated($1) })
    }

    /// The common case, in place; returns false and changes nothing if a sum needs eight bytes.
    private mutating func addInPlace(_ added: [UInt32]) -> Bool {
        guard case .narrow(var counts) = storage, counts.count == added.count else { return false }
        for position in counts.indices where counts[position] > UInt32.max - added[position] { return false }
        // Uniquely referenced, so that it is changed in place.
        storage = .narrow([])
        for position in counts.indices { counts[position] &+= added[position] }
        storage = .narrow(counts)
        return true
    }

    /// Whether some bucket holds less than in `other`.
    func isLowerSomewhere(than other: BucketCounts) -> Bool {
        if case .narrow(let mine) = storage, case .narrow(let theirs) = other.storage {
            for (count, before) in zip(mine, theirs) where count < before { return true }
            return false
        }
        return zip(self, other).contains { $0 < $1 }
    }

    /// The bytes of the counts; the same for equal counts.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch storage {
        case .narrow(let counts): counts.withUnsafeBytes(body)
        case .wide(let counts): counts.withUnsafeBytes(body)
        }
    }
}

extension BucketCounts: RandomAccessCollection {
    var startIndex: Int { 0 }

    var endIndex: Int {
        switch storage {
        case .narrow(let counts): counts.count
        case .wide(let counts): counts.count
        }
    }

    subscript(position: Int) -> UInt64 {
        switch storage {
        case .narrow(let counts): UInt64(counts[position])
        case .wide(let counts): counts[position]
        }
    }
}
