import Foundation
import Storage
import Testing

@testable import Journal

/// Some files are missing: losses are reported, and everything else is recovered.
@Suite("Journal: missing files")
struct MissingFileTests {
    /// The state of a directory when its process is killed.
    enum Moment: String, CaseIterable, Sendable {
        case beforeCheckpoint, afterCheckpoint, afterCheckpointAndMore
    }

    private static let count = 149

    private static func directory(_ moment: Moment) throws -> StateDirectory {
        let made = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(made.settings()).0.start(outcomes)
        for tag in 1...count {
            if tag == 100, moment == .afterCheckpointAndMore {
                try outcomes.waitForSettlements(99)
                _ = try journal.checkpoint(RecordChanges([1: "99"]), covering: 99)
            }
            journal.append(tag)
        }
        try outcomes.waitForSettlements(count)
        if moment == .afterCheckpoint {
            _ = try journal.checkpoint(RecordChanges([1: "\(count)"]), covering: UInt64(count))
        }
        let copy = try made.copy()
        journal.close()
        return copy
    }

    /// The number of recovered exports: those included in the record, and those after it.
    private static func counted(_ found: Found) -> Int {
        (found.records.first.flatMap { Int($0.text) } ?? 0) + found.entries.count
    }

    @Test("removing any subset of the files loses nothing, or the start reports it", arguments: Moment.allCases)
    func everySubset(moment: Moment) throws {
        let sample = try Self.directory(moment)
        let untouched = try sample.copy()
        let whole = try look(untouched.settings())
        #expect(Self.counted(whole) == Self.count && whole.findings.isEmpty)
        let names = sample.names.filter { $0 != "odometer.lock" }
        #expect(names.count >= 3)
        // Without all of them it is a first start.
        for subset in 1..<(1 << names.count) - 1 {
            let copy = try sample.copy()
            let taken = names.indices.filter { subset >> $0 & 1 == 1 }.map { names[$0] }
            for name in taken { try FileManager.default.removeItem(atPath: copy.path + "/" + name) }
            let left = names.filter { !taken.contains($0) }
            // A first start that is killed early leaves an empty database.
            guard moment != .beforeCheckpoint || left != ["state.db"] else { continue }
            let found = try look(copy.settings())
            let isTold =
                found.kinds.contains(.recordsLost) || found.kinds.contains(.entriesLost)
                || found.kinds.contains(.markDamaged)
            #expect(Self.counted(found) == Self.count || isTold, "\(moment) without \(taken): \(found.findings)")
            #expect(Self.counted(found) <= Self.count)
        }
    }

    @Test("a journal file of which only the log is left is recovered from it")
    func journalLog() throws {
        let copy = try Self.directory(.beforeCheckpoint)
        let name = try #require(copy.journalNames.first)
        try FileManager.default.removeItem(atPath: copy.path + "/" + name)
        let found = try look(copy.settings())
        #expect(found.tags == Array(1...Self.count))
        #expect(found.findings.isEmpty)
    }

    @Test("a gap in the numbers of journal files is reported with the number of exports")
    func gap() throws {
        let copy = try Self.directory(.afterCheckpointAndMore)
        let name = try #require(copy.journalNames.last)
        for suffix in ["", "-wal"] { try FileManager.default.removeItem(atPath: copy.path + "/" + name + suffix) }
        #expect(try look(copy.settings()).lost(.entriesLost) == 50)
    }

    @Test(
        "a missing or empty state file is recovered from its log as far as possible", arguments: [true, false])
    func stateLog(isGone: Bool) throws {
        let copy = try Self.directory(.afterCheckpoint)
        let path = copy.path + "/state.db"
        // As after a kill between the commit and the truncation of the log.
        try FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: path + "-wal")
        do {
            let connection = try StateDatabase.connect(path: path, mode: .create, fileSystemName: nil)
            connection.keepLogOnClose()
            var meta = StateMeta()
            meta.covered = UInt64(Self.count)
            try StateDatabase.createTables(connection, meta: meta)
        }
        #expect(try FileSystem.size(path + "-wal") ?? 0 > 0)
        if isGone {
            try FileManager.default.removeItem(atPath: path)
        } else {
            #expect(truncate(path, 0) == 0)
        }
        let found = try look(copy.settings())
        #expect(found.covered == UInt64(Self.count), "\(found.findings)")
    }

    @Test(
        "a state of which only an empty log is left is reported as missing, not as damaged",
        arguments: [0, 32], [true, false])
    func emptyLog(bytes: Int, hasMark: Bool) throws {
        let copy = try Self.directory(.afterCheckpoint)
        for name in copy.names where name != "odometer.lock" && (name != "journal.mark" || !hasMark) {
            try FileManager.default.removeItem(atPath: copy.path + "/" + name)
        }
        #expect(FileManager.default.createFile(atPath: copy.path + "/state.db-wal", contents: Data(count: bytes)))
        let found = try look(copy.settings())
        #expect(found.kinds.contains(.recordsLost))
        #expect(!found.kinds.contains(.stateDamaged))
        #expect(!copy.names.contains { $0.contains("damaged") })
        #expect(try look(copy.settings()).findings.allSatisfy { $0.kind != .stateDamaged })
    }

    @Test("a state missing before the first commit is no loss", arguments: ["", "state.db-wal"])
    func unused(left: String) throws {
        let made = StateDirectory()
        try recover(made.settings()).0.start(Outcomes()).close()
        let copy = try made.copy()
        for name in copy.names where !["odometer.lock", "journal.mark"].contains(name) {
            try FileManager.default.removeItem(atPath: copy.path + "/" + name)
        }
        if !left.isEmpty {
            #expect(FileManager.default.createFile(atPath: copy.path + "/" + left, contents: Data(count: 32)))
        }
        #expect(try look(copy.settings()).findings.isEmpty)
    }

    @Test("a log with only a part of the state is kept, and the loss is reported")
    func partOfState() throws {
        let sample = try Sample()
        let copy = try sample.directory.copy()
        let path = copy.path + "/state.db"
        do {
            let connection = try StateDatabase.connect(path: path, mode: .existing, fileSystemName: nil)
            connection.keepLogOnClose()
            var meta = try #require(try StateMeta.read(connection).meta)
            meta.covered += 1
            try StateDatabase.transaction(connection) { () throws(StorageFailure) in try meta.write(connection) }
        }
        #expect(try FileSystem.size(path + "-wal") ?? 0 > 0)
        try FileManager.default.removeItem(atPath: path)
        let found = try look(copy.settings())
        #expect(found.kinds.isSuperset(of: [.stateDamaged, .recordsLost]), "\(found.findings)")
        #expect(copy.names.contains { $0.hasPrefix("state.db.damaged-") && $0.hasSuffix("-wal") })
        let again = try look(copy.settings())
        #expect(again.records.count == found.records.count)
    }
}
