package import Journal

/// Takes records out of exports that wait.
package struct QueueEdit: Sendable {
    /// What an edit makes of an export.
    package enum Outcome: Sendable {
        case unchanged
        /// Records that go, and what is left; nil: nothing.
        case without(Int, rest: ForwardedExport?)
        /// Nobody can tell what it holds.
        case unreadable
    }

    /// False: only counts what would go.
    package var isConfirmed: Bool
    /// Called on a thread that may be blocked.
    package var change: @Sendable (ForwardedExport) -> Outcome

    package init(isConfirmed: Bool, change: @escaping @Sendable (ForwardedExport) -> Outcome) {
        self.isConfirmed = isConfirmed
        self.change = change
    }

    /// What was taken out of one queue, or would be.
    package struct Report: Sendable, Equatable {
        package var records = 0
        /// Exports that held them.
        package var exports = 0
        /// Exports of which nobody can tell; they stay.
        package var unreadable = 0

        package init() {}
    }

    /// Goes through everything that a store holds. After a failure, what was changed before it stays changed.
    /// - Parameters:
    ///   - isSent: whether an export only waits to be deleted.
    ///   - changed: told of each change that is on disk.
    func perform(
        on store: any QueueStore, isSent: (UInt64) -> Bool, changed: (QueuedExport, ForwardedExport?) -> Void
    ) throws(JournalFailure) -> Report {
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
    /// Takes records out of what waits. Waits for the disk.
    package func edit(_ edit: QueueEdit) throws(JournalFailure) -> QueueEdit.Report {
        try edit.perform(on: try QueueFile(path: path), isSent: { _ in false }, changed: { _, _ in })
    }

    /// The same queue with what waits in it now.
    func counted() -> UnclaimedQueue {
        UnclaimedQueue(exporter: exporter, path: path, depth: Self.depth(at: path))
    }
}

extension UnclaimedQueues {
    /// Takes records out of what waits in all of them; see `UnclaimedQueue.edit`.
    package func edit(_ edit: QueueEdit) -> [(exporter: String, result: Result<QueueEdit.Report, JournalFailure>)] {
        all.map { queue in
            let result = Result { () throws(JournalFailure) in try queue.edit(edit) }
            if edit.isConfirmed { refresh(queue) }
            return (queue.exporter, result)
        }
    }
}
