import Foundation
import Platform
import Settings
import Storage
import Testing

@testable import Journal

@Suite("Journal: rotation, limits, lock, end")
struct LifeTests {
    @Test("a checkpoint starts a new file and removes exactly the files that it covers")
    func checkpointRotates() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings()).0.start(outcomes)
        for tag in 1...4 { journal.append(tag) }
        try outcomes.waitForSettlements(4)
        #expect(directory.journalNames == ["journal-1-0.db"])
        _ = try journal.checkpoint(RecordChanges([1: "up to 3"]), covering: 3)
        #expect(directory.journalNames == ["journal-1-0.db"], "entry 4 is not covered")
        journal.append(5)
        try outcomes.waitForSettlements(5)
        #expect(directory.journalNames == ["journal-1-0.db", "journal-2-4.db"])
        let crashed = try directory.copy()
        #expect(try look(crashed.settings()).tags == [4, 5])
        _ = try journal.checkpoint(RecordChanges([1: "up to 5"]), covering: 5)
        #expect(directory.journalNames.isEmpty)
        #expect(journal.counters.journalBytes == 0 && journal.counters.coveredNumber == 5)
        journal.close()
        let found = try look(directory.settings())
        #expect(found.entries.isEmpty && found.last == 5 && found.findings.isEmpty)
    }

    @Test("a second start on the same directory is refused and names the holder")
    func lockNamesHolder() throws {
        let directory = StateDirectory()
        let journal = try recover(directory.settings()).0.start(Outcomes())
        let holder = ProcessInfo.processInfo.processIdentifier
        #expect(throws: JournalOpenFailure.held(path: directory.path, byProcess: holder)) {
            try JournalRecovery(opening: directory.settings(), now: testTime)
        }
        journal.close()
        _ = try look(directory.settings())
    }

    @Test("a second process is refused and gets the process id of the first")
    func secondProcessIsRefused() async throws {
        let directory = StateDirectory()
        let journal = try recover(directory.settings()).0.start(Outcomes())
        let path = directory.path
        let holder = ProcessInfo.processInfo.processIdentifier
        await #expect(processExitsWith: .exitCode(9)) { [path = path as String, holder = holder as Int32] in
            do throws(JournalOpenFailure) {
                _ = try JournalRecovery(opening: JournalSettings(path: path), now: testTime)
            } catch {
                if error == .held(path: path, byProcess: holder) { exit(9) }
            }
        }
        journal.close()
    }

    @Test("beyond the backlog limit appends are refused, and later accepted again")
    func backlogIsBounded() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let gate = DispatchSemaphore(value: 0)
        let entered = DispatchSemaphore(value: 0)
        let settings = directory.settings { $0.maxBacklog = 10_000 }
        let journal = try recover(settings).0.start(observer: outcomes) { settlements in
            entered.signal()
            gate.wait()
            outcomes.settle(settlements)
        }
        journal.append(0, bytes: 100)
        // The journal thread waits in the handler with the first group; the rest queues up.
        try #require(entered.wait(timeout: .now() + 20) == .success)
        var taken = 1
        while journal.append(taken, bytes: 1000) == .queued { taken += 1 }
        #expect(taken == 10)
        #expect(journal.append(taken, bytes: 1000) == .backlogFull)
        #expect(journal.counters.backlogRefusals == 2)
        for _ in 0..<100 { gate.signal() }
        try outcomes.waitForSettlements(taken)
        #expect(journal.append(taken, bytes: 1000) == .queued)
        journal.close()
        #expect(journal.append(taken + 1) == .closed)
        #expect(try look(directory.settings()).tags == Array(0...taken))
    }

    @Test("the owner is notified once that the journal is long, and again after a checkpoint")
    func journalLimitIsTold() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings { $0.maxJournal = 100_000 }).0.start(outcomes)
        func told() -> Int {
            outcomes.now.events.count { if case .checkpointDue(.journalSize) = $0 { true } else { false } }
        }
        for tag in 1...20 {
            journal.append(tag, bytes: 1000)
            try outcomes.waitForSettlements(tag)
        }
        #expect(try journal.sync() == nil)
        #expect(told() == 1)
        _ = try journal.checkpoint(RecordChanges(), covering: 20)
        #expect(journal.counters.journalBytes == 0)
        for tag in 21...40 {
            journal.append(tag, bytes: 1000)
            try outcomes.waitForSettlements(tag)
        }
        #expect(try journal.sync() == nil)
        #expect(told() == 2)
        journal.close()
    }

    @Test("a sync completes at once if nothing is pending, otherwise after everything appended before")
    func syncWaits() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings { $0.syncInterval = .seconds(600) }).0.start(outcomes)
        let isDone = Monitor(false)
        journal.sync { failure in isDone.withLock { $0 = failure == nil } }
        #expect(isDone.withLock { $0 })
        for tag in 0..<50 { journal.append(tag) }
        #expect(try journal.sync() == nil)
        #expect(outcomes.acknowledged == Array(0..<50))
        #expect(journal.counters.syncs >= 1)
        let syncs = journal.counters.syncs
        #expect(try journal.sync() == nil)
        #expect(journal.counters.syncs == syncs, "nothing new was committed")
        journal.close()
    }

    @Test("a commit is synced within the interval, also without later commits")
    func syncTimer() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings { $0.syncInterval = .milliseconds(20) }).0.start(outcomes)
        journal.append(1)
        try outcomes.wait { $0.events.contains { if case .synced = $0 { true } else { false } } }
        journal.close()
    }

    @Test("with an interval of zero every commit is synced before its result")
    func syncEveryCommit() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings { $0.syncInterval = .zero }).0.start(outcomes)
        for tag in 1...5 {
            journal.append(tag)
            try outcomes.waitForSettlements(tag)
            #expect(journal.counters.syncs == journal.counters.commits)
        }
        journal.close()
    }

    @Test("only the owner can access files")
    func modes() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings()).0.start(outcomes)
        journal.append(1)
        try outcomes.waitForSettlements(1)
        let paths = [directory.path] + directory.names.map { directory.path + "/" + $0 }
        for path in paths {
            let mode = try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(path)")
        }
        #expect(paths.count >= 6)
        journal.close()
    }

    @Test("closing commits what is queued and is safe to repeat")
    func closeCommits() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings()).0.start(outcomes)
        for tag in 0..<100 { journal.append(tag, bytes: 50_000) }
        journal.close()
        journal.close()
        #expect(outcomes.acknowledged == Array(0..<100))
        guard case .failed(let failure, let changes) = try journal.checkpoint(RecordChanges([1: "x"]), covering: 1)
        else {
            Issue.record("a checkpoint after the end was taken")
            return
        }
        #expect(failure.code == .closed && changes.count == 1)
        #expect(try look(directory.settings()).tags == Array(0..<100))
    }
}
