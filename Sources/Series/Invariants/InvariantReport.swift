/// The result of a check of invariants: a sentence for each violation. See `SeriesStore.checkInvariants`.
struct InvariantReport {
    private(set) var violations: [String] = []

    mutating func require(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { violations.append(violation()) }
    }

    /// - Parameters:
    ///   - kept: a count or weight that is updated with every change.
    ///   - held: the same, recomputed.
    mutating func compare(_ name: @autoclosure () -> String, kept: Int, held: Int) {
        require(kept == held, "\(name()): kept as \(kept), but \(held) is held")
    }

    /// Checks the change list of a part.
    /// - Parameter isTracked: whether there is a state directory.
    mutating func checkChanges(_ list: ChangeList?, _ name: String, isTracked: Bool) {
        list?.check("changed \(name)", &self)
        require((list != nil) == isTracked, "changed \(name): noted for nobody, or not noted")
    }

    /// Checks that each row of a table is either used once or free once.
    mutating func checkRows<Record>(_ name: String, count: Int, used: [RowID<Record>], free: [RowID<Record>]) {
        var uses = [Int](repeating: 0, count: count)
        for row in used + free {
            guard row.row < count else {
                require(false, "\(name) \(row): there is no such row")
                continue
            }
            uses[row.row] += 1
        }
        for (row, uses) in uses.enumerated() where uses != 1 {
            require(false, "\(name) \(row): used or free \(uses) times")
        }
    }
}

/// A redundant count, which a test may corrupt: `checkInvariants` must find it.
struct KeptCount<Owner> {
    var name: String
    var path: WritableKeyPath<Owner, Int>

    init(_ name: String, _ path: WritableKeyPath<Owner, Int>) {
        self.name = name
        self.path = path
    }

    /// The counts of a part of the owner.
    static func of<Part>(
        _ part: WritableKeyPath<Owner, Part>, _ counts: [KeptCount<Part>], in name: String
    ) -> [KeptCount<Owner>] {
        counts.map { KeptCount("\(name): \($0.name)", part.appending(path: $0.path)) }
    }
}
