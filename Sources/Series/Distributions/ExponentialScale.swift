internal import Platform

/// The bounds of the buckets of an exponential histogram: bucket `index` of a scale ends at 2^(2^-scale * (index + 1)),
/// inclusive, and begins where the one before it ends.
enum ExponentialScale {
    /// The scales of Prometheus (R-TYPE-06). At the lowest scale 132 buckets hold all finite numbers, so merging never
    /// needs a lower one.
    static let range: ClosedRange<Int32> = -4...8
    /// Buckets of one side.
    static let bucketLimit = 160

    /// The indices of finite numbers other than zero.
    static func indices(at scale: Int32) -> ClosedRange<Int> {
        let (lowestExponent, highestExponent) = (-1074, 1024)
        if scale >= 0 { return (lowestExponent << Int(scale)) - 1...(highestExponent << Int(scale)) - 1 }
        let shift = -Int(scale)
        return ((lowestExponent - 1) >> shift)...((highestExponent - 1) >> shift)
    }

    /// The upper end of a bucket; infinite for the last one.
    static func upperBound(of index: Int, at scale: Int32) -> Double {
        scale > 0 ? exp2(Double(index + 1) / Double(1 << Int(scale))) : exp2(Double((index + 1) << Int(-scale)))
    }

    /// The bucket that holds a finite number above zero.
    static func index(of value: Double, at scale: Int32) -> Int {
        let factor = scale >= 0 ? Double(1 << Int(scale)) : 1 / Double(1 << Int(-scale))
        var index = Int((log2(value) * factor).rounded(.up)) - 1
        // The logarithm is rounded: near a bound it may be one off.
        if value > upperBound(of: index, at: scale) { index += 1 }
        // Bounds between subnormal numbers are too coarse to decide.
        let lower = upperBound(of: index - 1, at: scale)
        if value <= lower, lower.isNormal { index -= 1 }
        let valid = indices(at: scale)
        return min(max(index, valid.lowerBound), valid.upperBound)
    }
}
