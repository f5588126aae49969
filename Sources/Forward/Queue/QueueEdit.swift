package import Storage

/// Removes records from exports that wait.
package struct QueueEdit: Sendable {
    /// The result of an edit for an export.
    package enum Outcome: Sendable {
        case unchanged
        /// The number of removed records, and what is left; nil: nothing.
        case without(Int, rest: ForwardedExport?)
        /// The export cannot be decoded.
        case unreadable
    }

    /// False: only counts what would be removed.
    package var isConfirmed: Bool
    /// Called on a thread that may be blocked.
    package var change: @Sendable (ForwardedExport) -> Outcome

    package init(isConfirmed: Bool, change: @escaping @Sendable (ForwardedExport) -> Outcome) {
        self.isConfirmed = isConfirmed
        self.change = change
    }

    /// What was removed from one queue, or would be.
    package struct Report: Sendable, Equatable {
        package var records = 0
        /// Exports that held them.
        package var exports = 0
        /// Exports that cannot be decoded; they stay.
        package var unreadable = 0

        package init() {}
    }

    /// Goes through everything that a store holds. After a failure, earlier changes stay.
    /// - Parameters:
    ///   - isSent: whether an export only waits to be deleted.
    ///   - changed: called for each change that is on disk.
    func perform(
        on store: any QueueStore, isSent: (UInt64) -> Bool, changed: (QueuedExport, ForwardedExport?) -> Void
    ) throws(StorageFailure) -> Report {
        var report = Report()
        var last: UInt64 = 0
        while let stored = try store.next(after: last) {
            switch stored {
            case .damaged(let number, _):
                last = number
                report.unreadable += 1
            case .intact(let queued):
                last = queued.number
                guard !isSent(last) else { continue }
                switch change(queued.export) {
                case .unchanged: break
                case .unreadable: report.unreadable += 1
                case .without(let records, let rest):
                    report.records += records
                    report.exports += 1
                    guard isConfirmed else { continue }
                    let left = rest.map { QueuedExport(number: queued.number, export: $0) }
                    try store.change(adding: left.map { [$0] } ?? [], removing: [queued.number])
                    changed(queued, rest)
                }
            }
        }
        if isConfirmed, report.exports > 0 { try store.erase() }
        return report
    }
}

extension UnclaimedQueue {
    /// Removes records from what waits. Blocks on the disk.
    package func edit(_ edit: QueueEdit) throws(StorageFailure) -> QueueEdit.Report {
        try edit.perform(on: try QueueFile(path: path), isSent: { _ in false }, changed: { _, _ in })
    }

    /// The same queue with its current content.
    func counted() -> UnclaimedQueue {
        UnclaimedQueue(exporter: exporter, path: path, depth: Self.depth(at: path))
    }
}

extension UnclaimedQueues {
    /// Removes records from all of them; see `UnclaimedQueue.edit`.
    package func edit(_ edit: QueueEdit) -> [(exporter: String, result: Result<QueueEdit.Report, StorageFailure>)] {
        all.map { queue in
            let result = Result { () throws(StorageFailure) in try queue.edit(edit) }
            if edit.isConfirmed { refresh(queue) }
            return (queue.exporter, result)
        }
    }
}
