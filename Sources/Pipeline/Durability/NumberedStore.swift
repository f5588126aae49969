internal import Journal
internal import Series

/// A store with its number in the state directory.
///
/// Numbers are given to exporters by name, in the order in which the directory first saw them, and never change: a
/// configuration may add, remove and reorder exporters.
package struct NumberedStore: Sendable {
    /// Below `ExportRoute.exporterLimit`.
    var number: Int
    /// The exporter's.
    package var name: String
    package var series: SharedSeries

    /// 0 is the directory's own.
    var recordStore: UInt16 { UInt16(number) + 1 }

    /// Hands over every record that changed since the last call.
    func takeChanges(into changes: inout RecordChanges) {
        var sink = ChangeSink(store: recordStore, changes: consume changes)
        series.withStore { $0.takeChanges(into: &sink) }
        changes = sink.changes
    }

    /// The records that were handed over are on disk, or will be handed over again.
    func changesEnded(areWritten: Bool) {
        series.withStore { $0.changesEnded(areWritten: areWritten) }
    }

    /// A record that was handed over was not written to disk.
    func markChanged(kind: UInt16, id: UInt64) {
        guard let kind = UInt8(exactly: kind).flatMap(StateKind.init), let id = UInt32(exactly: id) else { return }
        series.withStore { $0.markChanged(kind, id) }
    }
}

private struct ChangeSink: StateSink {
    let store: UInt16
    var changes: RecordChanges

    mutating func put(_ kind: StateKind, _ id: UInt32, _ bytes: [UInt8], tail: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes {
            changes.write(store: store, kind: UInt16(kind.rawValue), id: UInt64(id), value: $0, tail: tail)
        }
    }

    mutating func delete(_ kind: StateKind, _ id: UInt32) {
        changes.delete(store: store, kind: UInt16(kind.rawValue), id: UInt64(id))
    }
}
