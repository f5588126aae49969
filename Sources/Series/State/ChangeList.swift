/// The numbers of records that changed since the last checkpoint, each once.
///
/// One bit for each record: marking one that is already marked, as nearly every point does, costs one read.
struct ChangeList: Sendable {
    private var bits: [UInt64] = []
    private(set) var numbers: [UInt32] = []

    @inline(__always)
    mutating func mark(_ number: UInt32) {
        let word = Int(number >> 6)
        let bit: UInt64 = 1 << UInt64(number & 63)
        if word >= bits.count { grow(to: word) }
        guard bits[word] & bit == 0 else { return }
        bits[word] |= bit
        numbers.append(number)
    }

    private mutating func grow(to word: Int) {
        bits.append(contentsOf: repeatElement(0, count: max(bits.count, word + 1 - bits.count)))
    }

    /// The marked numbers, ascending; clears all marks.
    mutating func takeAll() -> [UInt32] {
        var taken: [UInt32] = []
        swap(&taken, &numbers)
        for number in taken { bits[Int(number >> 6)] = 0 }
        return taken.sorted()
    }
}

// MARK: - Invariants

extension ChangeList {
    /// The bits that are set are those of the numbers.
    func check(_ name: String, _ report: inout InvariantReport) {
        report.compare(name, kept: bits.reduce(0) { $0 + $1.nonzeroBitCount }, held: numbers.count)
        for number in numbers {
            let isMarked = Int(number >> 6) < bits.count && bits[Int(number >> 6)] & 1 << UInt64(number & 63) != 0
            report.require(isMarked, "\(name): \(number) is listed, and not marked")
        }
    }
}
