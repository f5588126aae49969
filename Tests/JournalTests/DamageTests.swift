import CFaultVFS
import CSQLite
import Foundation
import Storage
import Testing

@testable import Journal

/// A state directory after a crash, with its content: two checkpoints, and entries after the second.
struct Sample {
    static let recordCount = 150
    static let firstCovered: UInt64 = 3
    static let secondCovered: UInt64 = 6
    static let entryCount: UInt64 = 14

    let directory: StateDirectory

    /// Every third record was changed by the second checkpoint.
    static func version(_ id: UInt64) -> UInt64 { id % 3 == 0 ? secondCovered : firstCovered }

    static func text(_ id: UInt64, _ version: UInt64) -> String {
        "v\(version) record \(id) " + String(repeating: "x", count: 100)
    }

    init() throws {
        let made = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(made.settings()).0.start(outcomes)
        var next = 1
        func append(through last: UInt64) throws {
            while next <= last {
                journal.append(next, bytes: 600)
                try outcomes.waitForSettlements(next)
                next += 1
            }
        }
        let ids = (1...UInt64(Sample.recordCount))
        try append(through: Sample.firstCovered)
        var changes = RecordChanges()
        for id in ids { changes.write(id, Sample.text(id, Sample.firstCovered)) }
        _ = try journal.checkpoint(changes, covering: Sample.firstCovered)
        try append(through: Sample.secondCovered)
        var second = RecordChanges()
        for id in ids where id % 3 == 0 { second.write(id, Sample.text(id, Sample.secondCovered)) }
        _ = try journal.checkpoint(second, covering: Sample.secondCovered)
        try append(through: Sample.entryCount)
        _ = try journal.sync()
        directory = try made.copy()
        journal.close()
    }

    /// Copies the directory with one file changed, opens it twice and compares the result with the truth.
    func damage(_ name: String, _ situation: String, _ change: (inout [UInt8]) -> Void) throws -> Found {
        let copy = try directory.copy()
        let url = URL(fileURLWithPath: copy.path + "/" + name)
        var bytes = [UInt8](try Data(contentsOf: url))
        change(&bytes)
        try Data(bytes).write(to: url)
        let found = try look(copy.settings())
        check(found, "\(name) \(situation)")
        let again = try look(copy.settings())
        let isSame = again.records.map(\.text) == found.records.map(\.text) && again.tags == found.tags
        #expect(isSame, "a second start finds the same: \(name) \(situation)")
        return found
    }

    /// Nothing wrong, nothing twice, nothing missing without a report.
    func check(_ found: Found, _ situation: String) {
        for record in found.records {
            let version: UInt64 = record.text.hasPrefix("v6") ? Sample.secondCovered : Sample.firstCovered
            let isRight = record.text == Sample.text(record.id, version) && record.store == 1 && record.kind == 1
            #expect(isRight, "a wrong record: \(record), \(situation)")
            #expect(version <= found.covered, "entries that a record includes would be counted again: \(situation)")
        }
        #expect(Set(found.records.map(\.id)).count == found.records.count, "\(situation)")
        for entry in found.entries {
            #expect(entry.body == body(Int(entry.number), bytes: 600), "a wrong entry: \(situation)")
            #expect(entry.number > found.covered, "\(situation)")
        }
        let numbers = found.entries.map(\.number)
        #expect(numbers == Array(Set(numbers)).sorted(), "\(situation)")
        let isWhole =
            found.records.map(\.text) == (1...UInt64(Sample.recordCount)).map { Sample.text($0, Sample.version($0)) }
            && numbers == Array(Sample.secondCovered + 1...Sample.entryCount)
        #expect(isWhole || !found.findings.isEmpty, "something is missing and nothing is said: \(situation)")
    }
}

@Suite("Journal: damaged files")
struct DamageTests {
    let sample: Sample

    init() throws {
        sample = try Sample()
    }

    private func bytes(_ name: String) throws -> Int {
        try #require(try FileSystem.size(sample.directory.path + "/" + name))
    }

    @Test("an undamaged copy is complete, without findings")
    func undamaged() throws {
        let found = try look(sample.directory.settings())
        #expect(found.findings.isEmpty)
        #expect(found.records.count == Sample.recordCount && found.covered == Sample.secondCovered)
        sample.check(found, "undamaged")
        #expect(sample.directory.names.contains("journal-3-6.db-wal"))
    }

    @Test(
        "R-LIFE-05 a file cut at any 512 bytes does not prevent the start, and the loss is reported",
        arguments: ["state.db", "journal-3-6.db", "journal-3-6.db-wal", "journal.mark", "odometer.lock"])
    func cut(name: String) throws {
        let size = try bytes(name)
        for length in stride(from: 0, to: size, by: 512) {
            _ = try sample.damage(name, "cut at \(length)") { $0.removeLast($0.count - length) }
        }
    }

    @Test(
        "R-LIFE-05 a flipped byte is always detected",
        arguments: [("state.db", 53, 4096), ("journal-3-6.db", 31, 8192), ("journal-3-6.db-wal", 701, 8216)])
    func flipped(name: String, step: Int, page: Int) throws {
        let size = try bytes(name)
        var places = Set(stride(from: 0, to: size, by: step))
        for start in stride(from: 0, to: size, by: page) {
            for offset in [0, 1, 3, 5, 6, 7, 12, 40] where start + offset < size { places.insert(start + offset) }
        }
        for place in places.sorted() {
            _ = try sample.damage(name, "flipped at \(place)") { $0[place] ^= place % 2 == 0 ? 0xff : 1 }
        }
    }

    /// The log of an earlier checkpoint with the main file of a later one restores some old pages, each with correct
    /// checksums.
    @Test("R-LIFE-05 a mix of older and newer pages is detected, and nothing is counted twice")
    func mixedPages() throws {
        #expect(fault_vfs_register() == SQLITE_OK)
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let path = directory.path + "/state.db"
        // Faults are set by file name; none is active yet.
        fault_vfs_arm(0, 0, 0, 0, 0, path)
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        let journal = try recover(directory.settings(fileSystemName: "faulty")).0.start(outcomes)
        for tag in 1...6 { journal.append(tag, bytes: 600) }
        try outcomes.waitForSettlements(6)
        func write(_ ids: ClosedRange<UInt64>, covering covered: UInt64) throws {
            var changes = RecordChanges()
            for id in ids { changes.write(id, Sample.text(id, covered)) }
            _ = try journal.checkpoint(changes, covering: covered)
        }
        try write(1...150, covering: 3)
        // The log cannot be truncated, so it can be copied.
        fault_vfs_arm(Int32(FAULT_TRUNCATE.rawValue | FAULT_DELETE.rawValue), 1, .max, SQLITE_IOERR, 0, path)
        try write(1...20, covering: 4)
        let oldLog = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        #expect(oldLog.count > 4120)
        fault_vfs_arm(0, 0, 0, 0, 0, path)
        try write(1...150, covering: 6)
        for tag in 7...8 { journal.append(tag, bytes: 600) }
        try outcomes.waitForSettlements(8)
        let crashed = try directory.copy()
        journal.close()
        #expect(try look(crashed.settings()).findings.isEmpty)
        try oldLog.write(to: URL(fileURLWithPath: crashed.path + "/state.db-wal"))
        let found = try look(crashed.settings())
        #expect(found.kinds.contains(.stateDamaged))
        #expect(
            found.records.contains { $0.text.hasPrefix("v4") } && found.records.contains { $0.text.hasPrefix("v6") })
        #expect(found.covered == 6, "the newest record decides, not what the older page says")
        #expect(found.tags == [7, 8])
    }

    @Test("a record of an older checkpoint is detected although its checksum is correct")
    func staleRecord() throws {
        let copy = try sample.directory.copy()
        do {
            let connection = try StateDatabase.connect(
                path: copy.path + "/state.db", mode: .existing, fileSystemName: nil)
            let old = Array(Sample.text(3, Sample.firstCovered).utf8)
            try old.withUnsafeBytes { value in
                let write = try Statement(
                    connection, "UPDATE record SET covered=?, checksum=?, bytes=? WHERE id=3", operation: "test")
                write.bind(Sample.firstCovered, at: 1)
                let sum = StateRow.checksum(store: 1, kind: 1, id: 3, covered: Sample.firstCovered, value: value)
                write.bind(sum, at: 2)
                write.bind(value, at: 3)
                try write.run()
            }
        }
        let found = try look(copy.settings())
        #expect(found.kinds == [.stateDamaged])
        #expect(found.records.count == Sample.recordCount && found.covered == Sample.secondCovered)
    }

    @Test("a group with changed bytes in a valid page is left out and reported")
    func changedGroup() throws {
        let copy = try sample.directory.copy()
        do {
            let connection = try JournalScan.connect(copy.path + "/journal-3-6.db", nil)
            try connection.execute(
                "UPDATE entries SET bytes = zeroblob(length(bytes)) WHERE first = 9", operation: "test")
        }
        let found = try look(copy.settings())
        #expect(found.kinds == [.journalDamaged, .entriesLost])
        #expect(found.lost(.entriesLost) == 1)
        #expect(found.tags == [7, 8, 10, 11, 12, 13, 14])
        // The damaged file is renamed once a checkpoint covers it.
        let outcomes = Outcomes()
        let journal = try recover(copy.settings()).0.start(outcomes)
        journal.append(15)
        try outcomes.waitForSettlements(1)
        _ = try journal.checkpoint(RecordChanges(), covering: 15)
        journal.close()
        #expect(copy.names.contains("journal-3-6.db.damaged-20260101T000000Z"))
        #expect(copy.journalNames.isEmpty)
        #expect(try look(copy.settings()).findings.isEmpty)
    }

    @Test("every byte of the commit mark is checked")
    func mark() throws {
        for place in 0..<24 {
            let found = try sample.damage("journal.mark", "flipped at \(place)") { $0[place] ^= 4 }
            #expect(found.kinds == [.markDamaged])
            #expect(found.tags.count == 8)
        }
    }

    @Test("the exact number of exports lost at the end of the journal is reported")
    func exactLoss() throws {
        let found = try sample.damage("journal-3-6.db-wal", "cut in the middle") { $0.removeLast($0.count * 2 / 3) }
        let present = UInt64(found.entries.count)
        #expect(present > 0 && present < 8)
        #expect(found.lost(.entriesLost) == 8 - present)
        #expect(found.last == Sample.entryCount, "their numbers are not given anew")
    }

    @Test("a damaged state file is moved aside with its readable records copied")
    func movedAside() throws {
        let copy = try sample.directory.copy()
        let path = copy.path + "/state.db"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let needle = Array("record 77 ".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
        bytes[place + 8] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let found = try look(copy.settings())
        #expect(found.kinds == [.stateDamaged, .recordsLost])
        #expect(found.lost(.recordsLost) == 1)
        #expect(found.records.count == Sample.recordCount - 1 && !found.records.contains { $0.id == 77 })
        #expect(found.tags.count == 8, "the covered number is known")
        let aside = "state.db.damaged-20260101T000000Z"
        #expect(copy.names.contains(aside))
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: copy.path + "/" + aside))) == bytes)
        let (recovery, again) = try recover(copy.settings())
        #expect(again.findings.isEmpty && again.records.count == Sample.recordCount - 1)
        let outcomes = Outcomes()
        let journal = try recovery.start(outcomes)
        journal.append(15)
        _ = try journal.checkpoint(RecordChanges([77: "new"]), covering: 14)
        journal.close()
        let after = try look(copy.settings())
        #expect(after.records.count == Sample.recordCount && after.tags == [15] && after.findings.isEmpty)
    }

    @Test(
        "a missing file is reported",
        arguments: [
            ("state.db", RecoveryFinding.Kind.recordsLost), ("journal-3-6.db-wal", .entriesLost),
            ("journal.mark", .markDamaged),
        ])
    func missing(name: String, kind: RecoveryFinding.Kind) throws {
        let copy = try sample.directory.copy()
        try FileSystem.remove(copy.path + "/" + name)
        let found = try look(copy.settings())
        #expect(found.kinds.contains(kind))
    }

    @Test("a state of a newer program is refused and unchanged")
    func newerSchema() throws {
        let copy = try sample.directory.copy()
        let path = copy.path + "/state.db"
        var meta = StateMeta()
        do {
            let connection = try StateDatabase.connect(path: path, mode: .existing, fileSystemName: nil)
            meta = try #require(try StateMeta.read(connection).meta)
            meta.schema = 99
            try meta.write(connection)
        }
        #expect(throws: JournalOpenFailure.newerSchema(path: path, found: 99, known: 1)) {
            try JournalRecovery(opening: copy.settings(), now: testTime)
        }
        #expect(!copy.names.contains { $0.contains("damaged") })
    }
}
