internal import Storage

/// Storage of a queue. Used by one thread at a time.
protocol QueueStore: AnyObject {
    /// The content when it was opened.
    var depthAtStart: QueueDepth { get }
    /// The highest number in use, or known to have been used.
    var lastNumber: UInt64 { get }

    /// Removes exports and adds others in one transaction: after a failure nothing is changed. One that is in both is
    /// replaced.
    func change(adding: [QueuedExport], removing: [UInt64]) throws(StorageFailure)

    /// The export with the lowest number above this one; nil when there is none.
    func next(after number: UInt64) throws(StorageFailure) -> StoredExport?

    /// The highest number in use below this one; nil when there is none.
    func number(before number: UInt64) throws(StorageFailure) -> UInt64?

    /// The number of the export that `next` fails to read, and its counted size.
    func passOver(after number: UInt64) throws(StorageFailure) -> (number: UInt64, depth: QueueDepth)?

    /// Makes additions survive a power failure.
    func sync() throws(StorageFailure)

    /// Erases removed exports from the disk.
    func erase() throws(StorageFailure)
}

/// What a store has under a number.
enum StoredExport {
    case intact(QueuedExport)
    /// Its bytes are not those that were written; this is its counted size.
    case damaged(UInt64, QueueDepth)
}

/// A queue that does not survive the program.
final class MemoryStore: QueueStore {
    private var exports: [UInt64: QueuedExport] = [:]
    /// All numbers in order; those of removed exports are skipped.
    private var order: [UInt64] = []

    let depthAtStart = QueueDepth()
    let lastNumber: UInt64 = 0

    func change(adding: [QueuedExport], removing: [UInt64]) {
        for number in removing { exports[number] = nil }
        for export in adding {
            exports[export.number] = export
            if export.number > order.last ?? 0 { order.append(export.number) }
        }
        if order.count > 64, exports.count < order.count / 2 { order.removeAll { exports[$0] == nil } }
    }

    func next(after number: UInt64) -> StoredExport? {
        for candidate in order[firstIndex(from: number &+ 1)...] {
            if let export = exports[candidate] { return .intact(export) }
        }
        return nil
    }

    func number(before number: UInt64) -> UInt64? {
        order[..<firstIndex(from: number)].last { exports[$0] != nil }
    }

    /// Memory can always be read.
    func passOver(after number: UInt64) -> (number: UInt64, depth: QueueDepth)? { nil }

    func sync() {}
    func erase() {}

    /// The index of the first number that is at least this one.
    private func firstIndex(from number: UInt64) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
