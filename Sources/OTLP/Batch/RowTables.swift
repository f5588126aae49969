/// Tables that are filled when an export is decoded, and share a limit.
protocol RowTables: ~Copyable {
    /// Memory of decoders for data that is not in the body.
    var arena: Arena { get }
    /// Bytes of the rows of all tables.
    var tableBytes: Int { get }
    /// The limit of `tableBytes`.
    var tableLimit: Int { get }
}

/// Rows of a table between two checks of the memory of all of them. 128.
private let checkedRows = 128

extension RowTables where Self: ~Copyable {
    /// Checks that `table` may have one more row: all tables together stay within `DecodingLimits.maxDecodingMemory`,
    /// plus or minus `checkedRows` of each. The result does not depend on earlier exports.
    @inline(__always)
    func checkRoom<Row>(in table: [Row]) throws(DecodingFailure) {
        if table.count % checkedRows == 0 { try checkRoom(for: 1, in: table) }
    }

    /// Checks that `table` may take `count` more rows.
    @inline(never)
    func checkRoom<Row>(for count: Int, in table: [Row]) throws(DecodingFailure) {
        guard count <= (tableLimit - tableBytes) / MemoryLayout<Row>.stride else { throw arena.exhausted }
    }

    /// Bytes of the rows of a table.
    static func bytes<Row>(of table: [Row]) -> Int { table.count * MemoryLayout<Row>.stride }

    /// Empties a table; its memory is kept for the next export unless this one was unusually large.
    static func clear<Row>(_ table: inout [Row]) {
        let keptBytes = 1 << 20
        table.removeAll(keepingCapacity: table.capacity * MemoryLayout<Row>.stride <= keptBytes)
    }
}
