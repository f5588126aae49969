import CFaultVFS
import CSQLite
import Foundation
import Settings
import Storage
import Testing

@testable import Journal

@Suite("Journal: results of waiting calls on a failing disk", .serialized)
struct SyncFaultTests {
    private let ioFault = SQLITE_IOERR | 4 << 8

    private func begin(
        _ directory: StateDirectory, _ outcomes: Outcomes, syncInterval: Duration
    ) throws -> ExportJournal {
        try #require(fault_vfs_register() == SQLITE_OK)
        fault_vfs_arm(0, 0, 0, 0, 0, nil)
        let settings = directory.settings(fileSystemName: "faulty") { $0.syncInterval = syncInterval }
        return try recover(settings).0.start(outcomes)
    }

    @Test("after a failed sync a scrape is refused until a checkpoint has what may be lost")
    func failedSync() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try begin(directory, outcomes, syncInterval: .seconds(600))
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        journal.append(1)
        try outcomes.waitForSettlements(1)
        fault_vfs_arm(Int32(FAULT_SYNC.rawValue), 1, 1, ioFault, 0, directory.path)
        #expect(try journal.sync()?.code == .io)
        #expect(journal.counters.syncFailures == 1)
        try outcomes.wait { $0.events.contains { if case .checkpointDue(.failedSync) = $0 { true } else { false } } }
        // The disk works again, but whether entry 1 is on disk is unknown.
        journal.append(2)
        #expect(try journal.sync()?.code == .io)
        #expect(outcomes.acknowledged == [1, 2])
        #expect(directory.journalNames == ["journal-1-0.db", "journal-2-1.db"])
        guard case .written = try journal.checkpoint(RecordChanges([1: "one"]), covering: 1) else {
            Issue.record("the checkpoint failed")
            return
        }
        #expect(try journal.sync() == nil)
        journal.close()
        let found = try look(directory.settings())
        #expect(found.tags == [2] && found.records.map(\.text) == ["one"] && found.findings.isEmpty)
    }

    @Test("with an interval of zero an entry whose sync failed is not counted, and its number is reused")
    func failedSyncOfCommit() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try begin(directory, outcomes, syncInterval: .zero)
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        journal.append(1)
        try outcomes.waitForSettlements(1)
        fault_vfs_arm(Int32(FAULT_SYNC.rawValue), 1, 1, ioFault, 0, directory.path)
        journal.append(2)
        try outcomes.waitForSettlements(2)
        journal.append(3)
        try outcomes.waitForSettlements(3)
        #expect(outcomes.acknowledged == [1, 3])
        let crashed = try directory.copy()
        journal.close()
        let found = try look(crashed.settings())
        #expect(found.tags == [1, 3] && found.entries.map(\.number) == [1, 2] && found.findings.isEmpty)
    }

    @Test("a full disk fails the group with a reason, and the next append works once there is room")
    func fullDisk() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try begin(directory, outcomes, syncInterval: .seconds(1))
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        journal.append(1)
        try outcomes.waitForSettlements(1)
        fault_vfs_arm(Int32(FAULT_WRITE.rawValue), 1, .max, SQLITE_FULL, 0, directory.path)
        for tag in 2...5 {
            journal.append(tag)
            try outcomes.waitForSettlements(tag)
        }
        #expect(outcomes.now.settlements.dropFirst().allSatisfy { $0.outcome.isFull })
        guard case .failed(let failure, let changes) = try journal.checkpoint(RecordChanges([1: "x"]), covering: 1)
        else {
            Issue.record("a checkpoint on a full disk was written")
            return
        }
        #expect(failure.code == .full && changes.count == 1)
        fault_vfs_arm(0, 0, 0, 0, 0, nil)
        journal.append(6)
        try outcomes.waitForSettlements(6)
        #expect(outcomes.acknowledged == [1, 6])
        _ = try journal.checkpoint(changes, covering: 1)
        #expect(journal.counters.commitFailures == 4 && journal.counters.checkpointFailures == 1)
        journal.close()
        let found = try look(directory.settings())
        #expect(found.tags == [6] && found.records.map(\.text) == ["x"] && found.findings.isEmpty)
    }

    @Test("the limit of file sizes fails a commit, but does not end the process")
    func fileSizeLimit() async throws {
        let directory = StateDirectory()
        let path = directory.path
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let outcomes = Outcomes()
            let journal = try JournalRecovery(opening: JournalSettings(path: path), now: testTime).start(outcomes)
            journal.append(1)
            try outcomes.waitForSettlements(1)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: .max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            journal.append(2, bytes: 200_000)
            try outcomes.waitForSettlements(2)
            journal.append(3)
            try outcomes.waitForSettlements(3)
            journal.close()
            if outcomes.acknowledged == [1, 3], outcomes.now.settlements[1].outcome.isFull { exit(7) }
        }
        #expect(try look(directory.settings()).tags == [1, 3])
    }
}

extension Result<UInt64, StorageFailure> {
    /// A failure because there is no room.
    var isFull: Bool {
        if case .failure(let failure) = self { failure.code == .full } else { false }
    }
}
