import Foundation
import Platform
import Settings
import Storage
import Testing

@testable import Journal

/// A directory of its own for one test, removed at the end.
final class StateDirectory {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    var journalNames: [String] { names.filter { JournalFileName($0) != nil } }

    func settings(
        groupLimit: Int = 2 << 20, fileSystemName: String? = nil, _ change: (inout StateSettings) -> Void = { _ in }
    ) -> JournalSettings {
        var settings = JournalSettings(path: path, groupLimit: groupLimit, fileSystemName: fileSystemName)
        change(&settings.state)
        return settings
    }

    /// A copy of all files, as after a `kill -9` now.
    func copy() throws -> StateDirectory {
        let other = StateDirectory()
        try FileManager.default.copyItem(atPath: path, toPath: other.path)
        return other
    }
}

extension JournalSettings {
    /// The default settings for a directory.
    init(path: String, groupLimit: Int = 1 << 20, fileSystemName: String? = nil) {
        self.init(StateSettings { $0.path = path }, groupLimit: groupLimit, fileSystemName: fileSystemName)
    }
}

/// Collects the events of a journal, and waits for them with a deadline.
final class Outcomes: JournalObserver {
    struct Seen {
        var settlements: [(tag: Int, outcome: Result<UInt64, StorageFailure>)] = []
        var groups: [Int] = []
        var events: [JournalEvent] = []
    }

    final class Tag: PendingEntry {
        let value: Int
        init(_ value: Int) { self.value = value }
        func settled(_ outcome: Result<UInt64, StorageFailure>) {}
    }

    private let seen = Monitor(Seen())

    func journal(_ event: JournalEvent) {
        seen.withLock { $0.events.append(event) }
        seen.signal()
    }

    func settle(_ settlements: [Settlement]) {
        seen.withLock { seen in
            seen.groups.append(settlements.count)
            for settlement in settlements {
                seen.settlements.append(((settlement.entry as? Tag)?.value ?? -1, settlement.outcome))
            }
        }
        seen.signal()
    }

    var now: Seen { seen.withLock { $0 } }

    /// The acknowledged tags, in order of their numbers.
    var acknowledged: [Int] {
        now.settlements.compactMap { if case .success = $0.outcome { $0.tag } else { nil } }
    }

    /// Waits until the condition holds.
    func wait(
        for condition: @escaping (Seen) -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let deadline = monotonicTime() + 20_000_000_000
        let met: Bool? = seen.wait(until: deadline) { condition($0) ? true : nil }
        try #require(met == true, "nothing happened within 20 s", sourceLocation: sourceLocation)
    }

    func waitForSettlements(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try wait(for: { $0.settlements.count >= count }, sourceLocation: sourceLocation)
    }
}

/// The result of a recovery.
struct Found {
    var findings: [RecoveryFinding] = []
    /// (store, kind, id) and text, in order.
    var records: [(store: UInt16, kind: UInt16, id: UInt64, text: String)] = []
    var entries: [(number: UInt64, body: [UInt8])] = []
    var covered: UInt64 = 0
    var last: UInt64 = 0

    /// The tag at the front of each body.
    var tags: [Int] { entries.map { tag(of: $0.body) } }
    var kinds: Set<RecoveryFinding.Kind> { Set(findings.map(\.kind)) }

    func lost(_ kind: RecoveryFinding.Kind) -> UInt64 {
        findings.filter { $0.kind == kind }.reduce(0) { $0 + $1.count }
    }
}

let testTime: UnixNanoseconds = 1_767_225_600_000_000_000

/// A body that starts with its tag, followed by incompressible bytes derived from it.
func body(_ tag: Int, bytes count: Int = 40) -> [UInt8] {
    let head = withUnsafeBytes(of: UInt64(tag).littleEndian) { Array($0) }
    var state = UInt64(tag) &* 0x9E37_79B9_7F4A_7C15 | 1
    return head
        + (0..<max(0, count - 8)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
}

func tag(of body: [UInt8]) -> Int {
    body.count < 8 ? -1 : Int(body.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) })
}

func recover(_ settings: JournalSettings) throws -> (JournalRecovery, Found) {
    let recovery = try JournalRecovery(opening: settings, now: testTime)
    var found = Found(findings: recovery.findings, covered: recovery.coveredNumber, last: recovery.lastNumber)
    let recordFailure = recovery.forEachRecord { record in
        found.records.append((record.store, record.kind, record.id, String(decoding: record.value, as: UTF8.self)))
    }
    if let recordFailure { throw recordFailure }
    let entryFailure = recovery.forEachEntry { entry in found.entries.append((entry.number, Array(entry.body))) }
    if let entryFailure { throw entryFailure }
    return (recovery, found)
}

/// Opens, reads and closes.
func look(_ settings: JournalSettings) throws -> Found {
    let (recovery, found) = try recover(settings)
    recovery.abandon()
    return found
}

extension JournalRecovery {
    func start(_ outcomes: Outcomes) throws -> ExportJournal {
        try start(observer: outcomes, settled: { outcomes.settle($0) })
    }
}

extension ExportJournal {
    @discardableResult
    func append(_ tag: Int, bytes count: Int = 40) -> AppendAnswer {
        body(tag, bytes: count).withUnsafeBytes {
            append(
                arrival: UnixNanoseconds(tag), route: UInt32(tag % 7), encoding: UInt8(tag % 3), body: $0,
                entry: Outcomes.Tag(tag))
        }
    }

    /// Waits for the result of a checkpoint.
    func checkpoint(_ changes: RecordChanges, covering number: UInt64) throws -> CheckpointResult {
        let result = Monitor<CheckpointResult?>(nil)
        checkpoint(changes, covering: number) { outcome in
            result.withLock { $0 = outcome }
            result.signal()
        }
        return try #require(result.wait(until: monotonicTime() + 20_000_000_000) { $0 })
    }

    /// Waits for the result of a sync.
    func sync() throws -> StorageFailure? {
        let result = Monitor<StorageFailure??>(nil)
        sync { failure in
            result.withLock { $0 = .some(failure) }
            result.signal()
        }
        return try #require(result.wait(until: monotonicTime() + 20_000_000_000) { $0 })
    }
}

extension RecordChanges {
    mutating func write(_ id: UInt64, _ text: String, store: UInt16 = 1, kind: UInt16 = 1) {
        var text = text
        text.withUTF8 { write(store: store, kind: kind, id: id, value: UnsafeRawBufferPointer($0)) }
    }

    init(_ texts: [UInt64: String]) {
        self.init()
        for (id, text) in texts.sorted(by: { $0.key < $1.key }) { write(id, text) }
    }
}
