/// What a point of a counter or a histogram counted: the rules for windows, writers and resets are the same for all
/// (docs/semantics.md, S3, S4, S6 and S7), and ask a value only this.
protocol CountedValue: Sendable, StateCoded {
    associatedtype Sum: RunningSum where Sum.Value == Self

    /// Whether both are counted in the same buckets.
    func hasLayout(of other: Self) -> Bool
    /// What a writer weighs beside its record, see `StateWeight`.
    var weight: Int { get }
    /// Lines that it shows on a page.
    var lines: Int { get }
    /// Something that only grows is lower than in an earlier value: a reset lies between the two. Of other buckets those
    /// are compared that both have.
    func hasFallen(from earlier: Self) -> Bool
    /// Not fallen, and something is higher.
    func hasGrown(from earlier: Self) -> Bool
    /// Keeps the highest of both: what several processes behind one writer have counted at least.
    mutating func raise(to other: Self)
    /// What tells one value of a delta window from another.
    func fingerprint(_ hash: SeededHash) -> SampleValue
    /// What a tombstone keeps of the value.
    var tombstone: SampleValue { get }
    /// How much of the value its writer had counted before it was evicted; nil when it has started anew since.
    func baseline(tombstone: SampleValue) -> Self?
}

/// What values add up to.
protocol RunningSum: Sendable, StateCoded {
    associatedtype Value

    init()
    mutating func add(_ value: Value)
    /// Adds what `value` has more than `baseline`, an earlier value of its writer.
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
