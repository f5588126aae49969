/// The common bounds of histograms, and counts in the buckets between them: exact, since each such bucket consists of
/// whole buckets of every histogram.
enum CommonBounds {
    /// The bounds that both ascending lists have.
    static func of(_ a: [Double], _ b: [Double]) -> [Double] {
        var result: [Double] = []
        var position = 0
        for bound in a {
            while position < b.count, b[position] < bound { position += 1 }
            if position < b.count, b[position] == bound { result.append(bound) }
        }
        return result
    }

    /// `counts` in the buckets of `target`, a subset of `bounds`.
    static func coarsened(_ counts: BucketCounts, _ bounds: [Double], to target: [Double]) -> [UInt64] {
        var result = [UInt64](repeating: 0, count: target.count + 1)
        var bucket = 0
        for (position, count) in counts.enumerated() {
            result[bucket] = result[bucket].addingSaturated(count)
            if bucket < target.count, position < bounds.count, bounds[position] == target[bucket] { bucket += 1 }
        }
        return result
    }
}
