internal import Platform

/// Raw bytes as received -> their record. One record may have several aliases: the same identity in JSON and in
/// protobuf, or with its attributes in another order.
struct AliasTable {
    private struct Alias {
        var bytes: [UInt8]
        /// Equal bytes under two parents are two aliases.
        var parent: UInt32
        var target: UInt32
        var isFurther: Bool
    }

    private var aliases: [Alias] = []
    private var free: [RowID<Alias>] = []
    private var index = IndexTable()
    /// Bytes of the aliases beyond the first of each record.
    private(set) var furtherBytes = 0

    /// The record of `bytes` under `parent`; equality is verified byte for byte.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, parent: UInt32, hash: UInt64) -> UInt32? {
        let found = aliases.withUnsafeBufferPointer { aliases in
            index.find(hash) { candidate in
                // Field by field: a copy of the alias would retain its bytes.
                guard aliases[Int(candidate)].parent == parent, aliases[Int(candidate)].bytes.count == bytes.count
                else { return false }
                guard let base = bytes.baseAddress, bytes.count > 0 else { return true }
                return aliases[Int(candidate)].bytes.withUnsafeBytes { stored in
                    guard let start = stored.baseAddress else { return false }
                    return memcmp(start, base, stored.count) == 0
                }
            }
        }
        guard let found else { return nil }
        return aliases[Int(found)].target
    }

    /// Adds an alias that `find` does not find. Returns its number, for `remove`.
    mutating func insert(
        _ bytes: UnsafeRawBufferPointer, parent: UInt32, hash: UInt64, target: UInt32, isFurther: Bool
    ) -> UInt32 {
        let number = aliases.insert(
            Alias(bytes: [UInt8](bytes), parent: parent, target: target, isFurther: isFurther), reusing: &free
        ).number
        if isFurther { furtherBytes += bytes.count }
        index.insert(hash, number)
        return number
    }

    /// Removes an alias. `hash` computes its hash again, as for `insert`, since hashes are not kept.
    mutating func remove(_ number: UInt32, hash: SeededHash) {
        let alias = aliases[Int(number)]
        index.remove(alias.bytes.withUnsafeBytes { hash($0, parent: UInt64(alias.parent)) }, number)
        if alias.isFurther { furtherBytes -= alias.bytes.count }
        aliases[Int(number)] = Alias(bytes: [], parent: 0, target: 0, isFurther: false)
        free.append(RowID(number))
    }
}

// MARK: - Invariants

extension AliasTable {
    /// - Parameter owners: every alias listed in a record, with that record.
    func check(
        _ name: String, owners: [(alias: UInt32, record: UInt32)], hash: SeededHash, _ report: inout InvariantReport
    ) {
        report.checkRows("alias of \(name)", count: aliases.count, used: owners.map { RowID($0.alias) }, free: free)
        index.check("aliases of \(name)", entries: owners.count, &report)
        report.compare(
            "bytes of further aliases of \(name)", kept: furtherBytes,
            held: aliases.reduce(0) { $0 + ($1.isFurther ? $1.bytes.count : 0) })
        for (number, record) in owners where Int(number) < aliases.count {
            let alias = aliases[Int(number)]
            report.require(alias.target == record, "alias \(number) of \(name) \(record): stands for \(alias.target)")
            let key = alias.bytes.withUnsafeBytes { hash($0, parent: UInt64(alias.parent)) }
            report.require(index.holds(key, number), "alias \(number) of \(name) \(record): not in the index")
        }
    }

    static var keptCounts: [KeptCount<AliasTable>] { [KeptCount("bytes of further aliases", \.furtherBytes)] }
}
