import CSQLite
import Foundation
import NIOCore
import OTLP
import Settings
import Storage
import Synchronization
import Testing

@testable import Forward

@Suite struct QueueTests {
    private static func settings(_ path: String?, _ change: (inout QueueSettings) -> Void = { _ in }) -> QueueSettings {
        var settings = QueueSettings(path: path)
        change(&settings)
        return settings
    }

    private static func export(_ text: String, records: Int = 1) -> ForwardedExport {
        ForwardedExport(signal: .logs, encoding: .protobuf, records: records, body: ByteBuffer(string: text))
    }

    private static func append(_ queue: ExportQueue, _ text: String, records: Int = 1) async -> QueueAnswer {
        await withCheckedContinuation { continuation in
            queue.append(export(text, records: records)) { continuation.resume(returning: $0) }
        }
    }

    private static func text(_ queued: QueuedExport?) -> String? { queued.map { String(buffer: $0.export.body) } }

    /// A closed queue of the file `path` in which these exports wait.
    private static func leave(_ texts: [String], at path: String) async {
        let (queue, _) = ExportQueue.open(settings(path), now: 0)
        for text in texts { #expect(await append(queue, text) == .queued) }
        queue.close()
    }

    @Test("exports that were not removed are sent again after a restart, in order")
    func queueOutlivesTheProgram() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        let (first, findings) = ExportQueue.open(Self.settings(path), now: 0)
        #expect(findings == [])
        for text in ["one", "two", "three"] { #expect(await Self.append(first, text) == .queued) }
        let taken = try #require(await first.next())
        #expect(Self.text(taken) == "one")
        #expect(Self.text(await first.next()) == "two")
        first.remove(taken)
        first.close()
        let (second, _) = ExportQueue.open(Self.settings(path), now: 0)
        #expect(second.depth.exports == 2)
        #expect(second.depth.bytes == 8)
        #expect(Self.text(await second.next()) == "two")
        #expect(Self.text(await second.next()) == "three")
        #expect(await Self.append(second, "four") == .queued)
        let last = try #require(await second.next())
        #expect(Self.text(last) == "four")
        #expect(last.export.signal == .logs)
        second.close()
        #expect(await second.next() == nil)
        #expect(await Self.append(second, "five") == .closed)
    }

    @Test("a queue in memory keeps the order, too, and delays nothing")
    func memoryQueueKeepsTheOrder() async throws {
        let (queue, _) = ExportQueue.open(Self.settings(nil), now: 0)
        for number in 0..<200 { #expect(await Self.append(queue, "\(number)") == .queued) }
        for number in 0..<200 {
            let queued = try #require(await queue.next())
            #expect(Self.text(queued) == "\(number)")
            queue.remove(queued)
        }
        #expect(queue.isDone)
        queue.close()
    }

    @Test("each limit refuses exports beyond it, and an empty queue accepts any export")
    func limitsRefuse() async throws {
        let limits: [(inout QueueSettings) -> Void] = [
            { $0.sending.maxRequests = 2 }, { $0.sending.maxBytes = 10 }, { $0.sending.maxItems = 4 },
        ]
        for limit in limits {
            let (queue, _) = ExportQueue.open(Self.settings(nil, limit), now: 0)
            #expect(await Self.append(queue, "12345", records: 2) == .queued)
            #expect(await Self.append(queue, "12345", records: 2) == .queued)
            #expect(await Self.append(queue, "1", records: 1) == .full)
            queue.remove(try #require(await queue.next()))
            #expect(await eventually { queue.depth.exports <= 1 })
            #expect(await Self.append(queue, "1", records: 1) == .queued)
            queue.close()
        }
        let (queue, _) = ExportQueue.open(Self.settings(nil) { $0.sending.maxBytes = 1 }, now: 0)
        #expect(await Self.append(queue, "larger than the limit") == .queued)
        queue.close()
    }

    @Test(
        "a damaged file is set aside and reported, and the queue works",
        arguments: ["not a database at all, however long it is, says SQLite", "cut", "other table"])
    func damageIsSetAside(kind: String) async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        switch kind {
        case "cut":
            await Self.leave(Array(repeating: String(repeating: "x", count: 3000), count: 20), at: path)
            let content = try Data(contentsOf: URL(filePath: path))
            try content.prefix(content.count / 2 / 4096 * 4096 + 100).write(to: URL(filePath: path))
        case "other table": Self.execute("CREATE TABLE other(a)", on: path)
        default: try Data(String(repeating: kind, count: 200).utf8).write(to: URL(filePath: path))
        }
        let (queue, findings) = ExportQueue.open(Self.settings(path), now: 1_700_000_000_000_000_000)
        guard case .setAside(let name, _)? = findings.first else {
            Issue.record("nothing was set aside: \(findings)")
            return
        }
        #expect(name == path + ".damaged-20231114T221320Z")
        #expect(FileManager.default.fileExists(atPath: name))
        #expect(await Self.append(queue, "new") == .queued)
        #expect(Self.text(await queue.next()) == "new")
        queue.close()
    }

    @Test("a damaged export is skipped and reported, the others are sent")
    func damagedExportIsPassedOver() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        await Self.leave(["one", "two", "three"], at: path)
        Self.execute("UPDATE export SET body=x'00' WHERE number=2", on: path)
        let (second, _) = ExportQueue.open(Self.settings(path), now: 0)
        let box = FailureBox()
        second.observeFailures { box.add($0.code) }
        #expect(Self.text(await second.next()) == "one")
        #expect(Self.text(await second.next()) == "three")
        #expect(box.codes == [.damaged])
        #expect(second.depth.exports == 2)
        second.close()
    }

    /// Runs SQL on a file that nobody has open; creates it if it is missing.
    private static func execute(_ sql: String, on path: String) {
        var database: OpaquePointer?
        // By name, since other tests of this process may have changed the default file system.
        #expect(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix") == SQLITE_OK)
        #expect(sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK)
        sqlite3_close(database)
    }

    @Test(
        "impossible counts mean a damaged export, and nothing overflows",
        arguments: [
            "records=9223372036854775807", "records=-5", "size=9223372036854775807", "size=-1", "records='x'",
            "signal=99", "encoding=-1", "body='text'", "body=12",
        ])
    func damagedCounts(change: String) async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        await Self.leave(["one", "two", "three"], at: path)
        Self.execute("UPDATE export SET \(change) WHERE number<3", on: path)
        let (second, findings) = ExportQueue.open(Self.settings(path) { $0.sending.maxItems = 100 }, now: 0)
        #expect(findings == [])
        #expect(await Self.append(second, "new") == .queued)
        var texts: [String?] = []
        while texts.last != "new" {
            let queued = try #require(await second.next())
            texts.append(Self.text(queued))
            second.remove(queued)
        }
        #expect(texts.suffix(2) == ["three", "new"])
        #expect(await eventually { second.depth.exports == 0 })
        #expect(second.depth == QueueDepth())
        #expect(second.isDone)
        second.close()
    }

    @Test("impossible numbers mean a damaged file", arguments: ["-1", "0", "9223372036854775807"])
    func damagedNumbers(number: String) async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        await Self.leave(["one"], at: path)
        Self.execute("UPDATE export SET number=\(number)", on: path)
        let (second, findings) = ExportQueue.open(Self.settings(path), now: 0)
        guard case .setAside? = findings.first else {
            Issue.record("nothing was told: \(findings)")
            return
        }
        #expect(await Self.append(second, "new") == .queued)
        #expect(Self.text(await second.next()) == "new")
        second.close()
    }

    @Test("with any damaged byte the queue opens and works for later exports")
    func anyByteIsDamaged() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        await Self.leave((0..<6).map { String(repeating: "\($0)", count: 3000) }, at: path)
        let content = [UInt8](try Data(contentsOf: URL(filePath: path)))
        for (round, offset) in stride(from: 0, to: content.count, by: 131).enumerated() {
            var damaged = content
            damaged[offset] ^= round % 2 == 0 ? 0xFF : 1 << UInt8(round % 8)
            let copy = folder.file("forward-\(round).db")
            try Data(damaged).write(to: URL(filePath: copy))
            let (queue, _) = ExportQueue.open(Self.settings(copy), now: 0)
            #expect(await Self.append(queue, "new") == .queued, "\(offset)")
            var texts: Set<String> = []
            while !texts.contains("new") {
                guard let queued = await queue.next() else { break }
                texts.insert(Self.text(queued) ?? "")
                queue.remove(queued)
            }
            for text in texts where text != "new" {
                #expect(text.count == 3000 && Set(text).count == 1, "an export is not what was accepted: \(offset)")
            }
            #expect(await eventually { queue.isDone })
            queue.close()
        }
    }

    @Test("a file damaged while open does not stop the queue: exports are answered, the fault is reported")
    func damageWhileOpen() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        await Self.leave(Array(repeating: String(repeating: "x", count: 100_000), count: 40), at: path)
        let (second, _) = ExportQueue.open(Self.settings(path), now: 0)
        let box = FailureBox()
        second.observeFailures { box.add($0.code) }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        let size = Int(try handle.seekToEnd())
        try handle.seek(toOffset: UInt64(size / 8))
        try handle.write(contentsOf: Data(repeating: 0xFF, count: size * 3 / 4))
        try handle.close()
        let taker = Task { while let queued = await second.next() { second.remove(queued) } }
        let deadline = ContinuousClock.now + .seconds(30)
        while !box.codes.contains(.damaged), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(box.codes.contains(.damaged))
        // It may be accepted or refused, but must be answered.
        let answered = AnswerFlag()
        second.append(Self.export("new")) { _ in answered.set() }
        while !answered.isSet, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(answered.isSet)
        #expect(box.codes.count < 200)
        second.close()
        await taker.value
    }

    @Test("a file that cannot be used now is not damaged: it is reported and unchanged")
    func unusableFileIsTold() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        await Self.leave(["kept"], at: path)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".elsewhere")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for path in [path, "/nowhere/at/all/forward-a.db"] {
            let (queue, findings) = ExportQueue.open(Self.settings(path), now: 0)
            guard case .unusable(let failure)? = findings.first else {
                Issue.record("nothing was told: \(findings)")
                return
            }
            #expect(failure.description.contains("forward-a.db"))
            queue.close()
        }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".elsewhere", toPath: path)
        let (second, findings) = ExportQueue.open(Self.settings(path), now: 0)
        #expect(findings.isEmpty && second.depth.exports == 1)
        second.close()
    }

    @Test("removed exports are in no file once the queue is empty")
    func nothingIsLeft() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        let (queue, _) = ExportQueue.open(Self.settings(path), now: 0)
        let secret = "a secret that nobody else says"
        for _ in 0..<50 { #expect(await Self.append(queue, String(repeating: secret, count: 50)) == .queued) }
        for _ in 0..<50 { queue.remove(try #require(await queue.next())) }
        queue.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) {
            let content = try Data(contentsOf: folder.url.appending(path: name))
            #expect(content.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
    }

    @Test("names of exporters become unique file names")
    func fileNames() {
        #expect(QueueSettings.fileName(ofExporter: "otlphttp") == "forward-otlphttp.db")
        #expect(QueueSettings.fileName(ofExporter: "otlphttp/loki") == "forward-otlphttp%2Floki.db")
        #expect(QueueSettings.fileName(ofExporter: "a%2Fb") != QueueSettings.fileName(ofExporter: "a/b"))
        #expect(QueueSettings.fileName(ofExporter: "otlp/../x") == "forward-otlp%2F%2E%2E%2Fx.db")
    }
}

private final class AnswerFlag: Sendable {
    private let state = Mutex(false)
    func set() { state.withLock { $0 = true } }
    var isSet: Bool { state.withLock { $0 } }
}

private final class FailureBox: Sendable {
    private let state = Mutex<[StorageFailure.Code]>([])
    func add(_ code: StorageFailure.Code) { state.withLock { $0.append(code) } }
    var codes: [StorageFailure.Code] { state.withLock { $0 } }
}

/// A folder for one test; removed with the value.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "odometer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> String { url.appending(path: name).path }
}
