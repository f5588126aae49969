internal import OTLP

/// A running sum without avoidable loss of precision (R-D2C-03, R-D2C-11).
///
/// Integers are added as integers until they overflow; doubles with compensation (Neumaier), so that a million cents
/// are ten thousand dollars. Never NaN: a sum beyond the range of doubles stays at the greatest finite number.
struct Total: Equatable, Sendable {
    private var integers: Int64 = 0
    private var doubles: Double = 0
    private var compensation: Double = 0
    private var hasDoubles = false

    mutating func add(_ value: SampleValue) {
        switch value {
        case .int(let number): add(number)
        case .double(let number): add(number)
        }
    }

    mutating func add(_ other: Total) {
        add(other.integers)
        guard other.hasDoubles else { return }
        add(other.doubles)
        if other.compensation != 0 { add(other.compensation) }
    }

    private mutating func add(_ number: Int64) {
        let (sum, overflow) = integers.addingReportingOverflow(number)
        guard overflow else {
            integers = sum
            return
        }
        // Both halves are exact as doubles; the sum is a double from now on.
        let old = integers
        integers = 0
        add(Double(old))
        add(Double(number))
    }

    private mutating func add(_ number: Double) {
        hasDoubles = true
        let sum = doubles + number
        guard sum.isFinite else {
            doubles = sum.sign == .plus ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude
            compensation = 0
            return
        }
        if doubles.magnitude >= number.magnitude {
            compensation += (doubles - sum) + number
        } else {
            compensation += (number - sum) + doubles
        }
        doubles = sum
    }

    var value: SampleValue {
        hasDoubles ? .double(Double(integers) + (doubles + compensation)) : .int(integers)
    }
}

extension SampleValue {
    /// The number with its sign changed; Int64.min becomes a double.
    var negated: SampleValue {
        switch self {
        case .int(let number): number == .min ? .double(-Double(number)) : .int(-number)
        case .double(let number): .double(-number)
        }
    }

    /// Whether the number is lower than `other`, without rounding integers.
    func isLess(than other: SampleValue) -> Bool {
        switch (self, other) {
        case (.int(let a), .int(let b)): a < b
        case (.double(let a), .double(let b)): a < b
        case (.int(let a), .double(let b)): SampleValue.isLess(a, b)
        case (.double(let a), .int(let b)): !a.isNaN && Int64(exactly: a) != b && !SampleValue.isLess(b, a)
        }
    }

    private static func isLess(_ a: Int64, _ b: Double) -> Bool {
        if b.isNaN { return false }
        guard let exact = Int64(exactly: b.rounded(.down)) else { return b > 0 }
        return a < exact || (a == exact && b > Double(exact))
    }
}

extension Total: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.signed(integers)
        writer.flag(hasDoubles)
        guard hasDoubles else { return }
        writer.double(doubles)
        writer.double(compensation)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        integers = try reader.signed()
        hasDoubles = try reader.flag()
        guard hasDoubles else { return }
        doubles = try reader.double()
        compensation = try reader.double()
        guard doubles.isFinite, compensation.isFinite else { throw .outOfRange }
    }
}
