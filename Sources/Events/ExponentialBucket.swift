private import Platform

/// The buckets of an exponential histogram with one observation.
enum ExponentialBucket {
    /// Eight buckets for each doubling of the value, so that quantiles are accurate to 9 %; 20 doublings, from a
    /// millisecond to a quarter of an hour, fit into the 160 buckets that are kept without losing precision.
    static let scale: Int32 = 3

    /// The bucket with the upper bound 2^((index + 1) / 2^scale); nil for 0.
    static func index(of value: Double) -> Int32? {
        guard value > 0, value.isFinite else { return nil }
        return Int32((log2(value) * Double(1 << scale)).rounded(.up)) - 1
    }
}
