import CFaultVFS
import CSQLite
import Foundation
import Storage
import Testing

@testable import Journal

/// Temporary read faults: nothing is set aside or lost because of them.
@Suite("Journal: failing reads", .serialized)
struct ReadFaultTests {
    private let sample: Sample

    init() throws {
        sample = try Sample()
        #expect(fault_vfs_register() == SQLITE_OK)
    }

    /// Opens a copy while reads fail: it fails or finds everything, and the next start finds everything.
    /// - Returns: whether it failed, and how many calls failed.
    private func start(
        _ situation: String, code: Int32, _ arm: (String) -> Void
    ) throws -> (isRefused: Bool, failed: Int64) {
        let copy = try sample.directory.copy()
        defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
        fault_vfs_arm(
            Int32(FAULT_READ.rawValue), 0, 0, code, Int32(FAULT_NOTHING_WRITTEN.rawValue), copy.path)
        arm(copy.path)
        var isRefused = false
        do {
            let found = try look(copy.settings(fileSystemName: "faulty"))
            #expect(isWhole(found), "\(situation): \(found.findings)")
        } catch {
            isRefused = true
        }
        let failed = fault_vfs_failed()
        fault_vfs_arm(0, 0, 0, 0, 0, nil)
        #expect(!copy.names.contains { $0.contains("damaged") }, "\(situation): \(copy.names)")
        let after = try look(copy.settings())
        #expect(isWhole(after), "after \(situation): \(after.findings)")
        return (isRefused, failed)
    }

    private func isWhole(_ found: Found) -> Bool {
        found.findings.isEmpty && found.records.count == Sample.recordCount
            && found.entries.map(\.number) == Array(Sample.secondCovered + 1...Sample.entryCount)
    }

    /// Error codes of SQLite: read error, out of memory, disk full, unspecified error.
    static let codes: [Int32] = [SQLITE_IOERR | 1 << 8, SQLITE_NOMEM, SQLITE_FULL, SQLITE_IOERR]

    @Test("every read of a start fails once", arguments: codes)
    func each(code: Int32) throws {
        var call: Int64 = 1
        var refused = 0
        while call < 2_000 {
            let outcome = try start("read \(call)", code: code) { path in
                fault_vfs_arm(Int32(FAULT_READ.rawValue), call, call, code, 0, path)
            }
            if outcome.isRefused { refused += 1 }
            if outcome.failed == 0 { break }
            call += call < 40 ? 1 : 17
        }
        #expect(refused > 10)
    }

    @Test("a share of the reads of a start fails at random", arguments: [1, 5, 20, 60])
    func share(percent: Int32) throws {
        for seed in 1...UInt32(15) {
            _ = try start("\(percent) %, seed \(seed)", code: SQLITE_IOERR | 1 << 8) { _ in
                fault_vfs_share(percent, seed)
            }
        }
    }

    /// Such as a directory without search permission.
    @Test("a file that cannot be inspected is not reported as missing")
    func unknownSize() throws {
        let folder = try sample.directory.copy()
        let behindFile = folder.path + "/state.db/x"
        #expect(throws: StorageFailure.self) { try FileSystem.size(behindFile) }
        #expect(throws: StorageFailure.self) { try OrphanedLog.adopt(of: behindFile, pageBytes: 4096) }
        #expect(throws: StorageFailure.self) { try FileSystem.names(in: folder.path + "/state.db") }
        #expect(!OrphanedLog.isEmpty(of: behindFile))
        #expect(try FileSystem.size(folder.path + "/none") == nil)
        #expect(try FileSystem.names(in: folder.path + "/none").isEmpty)
    }

    @Test("a file that can no longer be opened is not reported as damaged")
    func opening() throws {
        for call in 1...Int64(12) {
            _ = try start("open \(call)", code: SQLITE_CANTOPEN) { path in
                fault_vfs_arm(Int32(FAULT_OPEN.rawValue), call, call, SQLITE_CANTOPEN, 0, path)
            }
        }
    }
}
