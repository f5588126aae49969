/// The value of a point of a counter or histogram: the operations that the rules for windows, writers and resets need
/// (docs/semantics.md, S3, S4, S6 and S7).
protocol CountedValue: Sendable, StateCoded {
    associatedtype Sum: RunningSum where Sum.Value == Self

    /// Whether both are counted in the same buckets.
    func hasLayout(of other: Self) -> Bool
    /// Weight of a writer without that of its record, see `StateWeight`.
    var weight: Int { get }
    /// Number of its lines on a page.
    var lines: Int { get }
    /// Whether a count is lower than in an earlier value, which means a reset. Values with different buckets are
    /// compared in the buckets that both have.
    func hasFallen(from earlier: Self) -> Bool
    /// Whether no count is lower and at least one is higher.
    func hasGrown(from earlier: Self) -> Bool
    /// Keeps the higher of both: the least that several processes behind one writer have counted.
    mutating func raise(to other: Self)
    /// Distinguishes values of delta windows.
    func fingerprint(_ hash: SeededHash) -> SampleValue
    /// The part of the value that a tombstone keeps.
    var tombstone: SampleValue { get }
    /// The part of the value that its writer had counted before it was evicted; nil if it was reset since.
    func baseline(tombstone: SampleValue) -> Self?
}

/// A sum of values.
protocol RunningSum: Sendable, StateCoded {
    associatedtype Value

    init()
    mutating func add(_ value: Value)
    /// Adds the difference of `value` and `baseline`, an earlier value of its writer.
    mutating func add(_ value: Value, beyond baseline: Value)
    mutating func add(_ other: Self)
}

extension SampleValue: CountedValue {
    typealias Sum = Total

    func hasLayout(of other: SampleValue) -> Bool { true }

    var weight: Int { 0 }

    func hasFallen(from earlier: SampleValue) -> Bool { isLess(than: earlier) }

    func hasGrown(from earlier: SampleValue) -> Bool { earlier.isLess(than: self) }

    mutating func raise(to other: SampleValue) {
        if isLess(than: other) { self = other }
    }

    func fingerprint(_ hash: SeededHash) -> SampleValue { self }

    var tombstone: SampleValue { self }

    func baseline(tombstone: SampleValue) -> SampleValue? { isLess(than: tombstone) ? nil : tombstone }
}

extension Total: RunningSum {
    mutating func add(_ value: SampleValue, beyond baseline: SampleValue) {
        add(baseline.negated)
        add(value)
    }
}
