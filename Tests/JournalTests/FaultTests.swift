import CFaultVFS
import CSQLite
import Foundation
import Storage
import Testing

@testable import Journal

/// A run that counts like the collector, on a failing disk.
final class ScriptedRun {
    let directory = StateDirectory()
    let outcomes = Outcomes()
    var settings: JournalSettings { directory.settings(groupLimit: 4_000, fileSystemName: "faulty") }
    /// How many calls of the armed kind failed.
    private(set) var failures: Int64 = 0
    private var appended = 0

    private func append(_ journal: ExportJournal, bytes count: Int = 300) throws {
        #expect(journal.append(appended, bytes: count) == .queued)
        appended += 1
        try outcomes.waitForSettlements(appended)
    }

    private func checkpoint(_ journal: ExportJournal) throws {
        let counted = outcomes.acknowledged.map(String.init).joined(separator: ",")
        let number = outcomes.now.settlements.compactMap { try? $0.outcome.get() }.last ?? 0
        _ = try journal.checkpoint(RecordChanges([1: counted, UInt64(appended): "filler"]), covering: number)
    }

    /// Runs the script; a refused opening is a valid outcome.
    func run() throws {
        let recovery: JournalRecovery
        do {
            recovery = try JournalRecovery(opening: settings, now: testTime)
        } catch {
            failures = fault_vfs_failed()
            return
        }
        let journal = try recovery.start(outcomes)
        defer { journal.close() }
        for _ in 0..<3 { try append(journal) }
        try checkpoint(journal)
        for _ in 0..<3 { try append(journal, bytes: 20_000) }
        _ = try journal.sync()
        try append(journal)
        try checkpoint(journal)
        for _ in 0..<2 { try append(journal) }
        // The fault has ended: no restart is needed.
        failures = fault_vfs_failed()
        fault_vfs_arm(0, 0, 0, 0, 0, nil)
        try append(journal)
        #expect(outcomes.acknowledged.last == appended - 1)
        try checkpoint(journal)
        #expect(try journal.sync() == nil)
        try append(journal)
    }

    /// Everything acknowledged is there exactly once: in the record or as an entry.
    func check(_ situation: String) throws {
        let found = try look(settings)
        let counted = found.records.filter { $0.id == 1 }.flatMap {
            $0.text.split(separator: ",").compactMap { Int($0) }
        }
        let all = counted + found.tags
        #expect(Set(all).count == all.count, "counted twice: \(all), \(situation)")
        let missing = Set(outcomes.acknowledged).subtracting(all)
        #expect(missing.isEmpty, "lost: \(missing), \(situation)")
        #expect(found.entries.allSatisfy { $0.body == body(tag(of: $0.body), bytes: $0.body.count) })
        #expect(found.entries.map(\.number) == found.entries.map(\.number).sorted())
        #expect(found.findings.isEmpty, "\(found.findings), \(situation)")
    }
}

struct DiskFault: CustomTestStringConvertible, Sendable {
    let call: fault_call
    let code: Int32
    let mode: fault_mode
    let name: String
    var testDescription: String { name }

    static let all = [
        DiskFault(call: FAULT_WRITE, code: SQLITE_FULL, mode: FAULT_NOTHING_WRITTEN, name: "full disk"),
        DiskFault(call: FAULT_WRITE, code: sqliteWriteFault, mode: FAULT_HALF_WRITTEN, name: "half a write"),
        DiskFault(call: FAULT_WRITE, code: sqliteWriteFault, mode: FAULT_ALL_WRITTEN, name: "a write that did happen"),
        DiskFault(call: FAULT_SYNC, code: sqliteSyncFault, mode: FAULT_NOTHING_WRITTEN, name: "sync"),
        DiskFault(call: FAULT_OPEN, code: SQLITE_CANTOPEN, mode: FAULT_NOTHING_WRITTEN, name: "open"),
        DiskFault(call: FAULT_TRUNCATE, code: sqliteSyncFault, mode: FAULT_NOTHING_WRITTEN, name: "truncate"),
        DiskFault(call: FAULT_DELETE, code: sqliteSyncFault, mode: FAULT_NOTHING_WRITTEN, name: "delete"),
    ]
    private static let sqliteWriteFault = SQLITE_IOERR | 3 << 8
    private static let sqliteSyncFault = SQLITE_IOERR | 4 << 8
}

@Suite("Journal: disk faults", .serialized)
struct FaultTests {
    @Test("R-LIFE-05 whichever call fails, every acknowledged entry is there once", arguments: DiskFault.all, [1, 4])
    func everyCallFails(fault: DiskFault, length: Int64) throws {
        #expect(fault_vfs_register() == SQLITE_OK)
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        var number: Int64 = 1
        while true {
            let run = ScriptedRun()
            fault_vfs_arm(
                Int32(fault.call.rawValue), number, number + length - 1, fault.code, Int32(fault.mode.rawValue),
                run.directory.path)
            try run.run()
            fault_vfs_arm(0, 0, 0, 0, 0, nil)
            try run.check("\(fault.name) \(number)")
            if run.failures == 0 { break }
            number += 1
            try #require(number < 1_000)
        }
        #expect(number > 1, "no call was disturbed")
    }

    @Test("a disk fault during the repair of a damaged state loses nothing more", arguments: DiskFault.all)
    func repairFails(fault: DiskFault) throws {
        #expect(fault_vfs_register() == SQLITE_OK)
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        let sample = try Sample()
        let path = sample.directory.path + "/state.db"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let needle = Array("record 77 ".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
        bytes[place + 8] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var number: Int64 = 1
        while true {
            let copy = try sample.directory.copy()
            fault_vfs_arm(
                Int32(fault.call.rawValue), number, number, fault.code, Int32(fault.mode.rawValue), copy.path)
            // Refused or opened: both are correct if nothing is lost.
            let failure = Result { try look(copy.settings(fileSystemName: "faulty")) }
            let failed = fault_vfs_failed()
            fault_vfs_arm(0, 0, 0, 0, 0, nil)
            if case .success(let found) = failure { sample.check(found, "\(fault.name) \(number), at once") }
            let found = try look(copy.settings())
            #expect(found.records.count == Sample.recordCount - 1, "\(fault.name) \(number)")
            #expect(found.tags.count == 8, "\(fault.name) \(number)")
            if failed == 0 { break }
            number += 1
            try #require(number < 1_000)
        }
    }
}
