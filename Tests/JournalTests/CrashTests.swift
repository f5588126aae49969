import Foundation
import Platform
import Testing

@testable import Journal

@Suite("Journal: the process is killed")
struct CrashTests {
    @Test("after kill -9 during appends, every acknowledged entry is there once", arguments: [3, 40, 250])
    func killed(after groups: Int) async throws {
        let directory = StateDirectory()
        let path = directory.path
        let acknowledgements = path + ".acknowledged"
        defer { try? FileManager.default.removeItem(atPath: acknowledgements) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, groups = groups as Int] in
            let file = open(path + ".acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let left = Monitor(groups)
            let recovery = try JournalRecovery(opening: JournalSettings(path: path), now: testTime)
            let journal = try recovery.start(observer: Outcomes()) { settlements in
                for settlement in settlements {
                    let tag = UInt64((settlement.entry as? Outcomes.Tag)?.value ?? 0)
                    _ = withUnsafeBytes(of: tag.littleEndian) { write(file, $0.baseAddress, 8) }
                }
                left.withLock { $0 -= 1 }
                if left.withLock({ $0 }) == 0 { kill(getpid(), SIGKILL) }
            }
            for tag in 0..<1_000_000 {
                while journal.append(tag, bytes: 2_000) != .queued { usleep(100) }
                if tag == 100 { journal.checkpoint(RecordChanges([1: "x"]), covering: 0) { _ in } }
            }
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: acknowledgements))
        #expect(bytes.count >= groups * 8)
        let found = try look(directory.settings())
        #expect(found.findings.isEmpty)
        #expect(found.tags == Array(0..<found.tags.count), "each once and in order")
        #expect(found.tags.count >= bytes.count / 8)
        #expect(found.entries.allSatisfy { $0.body == body(tag(of: $0.body), bytes: 2_000) })
    }
}
