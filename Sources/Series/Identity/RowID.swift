internal import OTLP

/// The number of a row in a table of `Record`s, or none. 32 bits.
///
/// Rows are reused: an id is valid only as long as its record exists.
struct RowID<Record>: Hashable, Sendable {
    /// As used by `IndexTable`, `ChangeList` and the state directory.
    let number: UInt32

    init(_ number: UInt32) { self.number = number }

    init(row: Int) { number = UInt32(row) }

    /// The id of no row.
    static var none: RowID { RowID(.max) }

    /// The position in the table; that of `none` is out of range.
    var row: Int { Int(number) }
}

extension RowID: CustomStringConvertible {
    var description: String { "\(number)" }
}

/// A resource as received.
typealias ResourceID = RowID<Resource>
/// A scope below its resource.
typealias ScopeID = RowID<ScopeContent>
/// A metric below its scope.
typealias MetricID = RowID<MetricContent>
/// A stream as received.
typealias StreamID = RowID<StreamRecord>
/// An exposed series.
typealias SeriesID = RowID<SeriesRecord>
/// The family of exposed series.
typealias FamilyID = RowID<FamilyRecord>

extension Array {
    subscript(_ id: RowID<Element>) -> Element {
        @inline(__always) get { self[id.row] }
        @inline(__always) _modify { yield &self[id.row] }
    }

    /// Stores an element in a free row, or appends it.
    /// - Parameter free: rows that nothing refers to.
    mutating func insert(_ element: Element, reusing free: inout [RowID<Element>]) -> RowID<Element> {
        guard let id = free.popLast() else {
            append(element)
            return RowID(row: count - 1)
        }
        self[id] = element
        return id
    }
}
