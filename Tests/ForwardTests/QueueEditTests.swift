import Foundation
import NIOCore
import OTLP
import Storage
import Testing

@testable import Forward

/// Records removed from a queue.
@Suite struct QueueEditTests {
    /// Removes the words `ada` from texts; each word is a record.
    private static func edit(isConfirmed: Bool) -> QueueEdit {
        QueueEdit(isConfirmed: isConfirmed) { export in
            let words = String(buffer: export.body).split(separator: " ")
            if words == ["?"] { return .unreadable }
            let left = words.filter { $0 != "ada" }
            guard left.count < words.count else { return .unchanged }
            let rest = Self.export(left.joined(separator: " "))
            return .without(words.count - left.count, rest: left.isEmpty ? nil : rest)
        }
    }

    private static func export(_ text: String) -> ForwardedExport {
        ForwardedExport(
            signal: .logs, encoding: .protobuf, records: text.split(separator: " ").count,
            body: ByteBuffer(string: text))
    }

    private static func queue(_ path: String?, _ texts: [String]) async -> ExportQueue {
        let (queue, _) = ExportQueue.open(QueueSettings(path: path), now: 0)
        for text in texts {
            await withCheckedContinuation { continuation in
                queue.append(export(text)) { _ in continuation.resume() }
            }
        }
        return queue
    }

    private static func edited(_ queue: ExportQueue, isConfirmed: Bool = true) async throws -> QueueEdit.Report {
        try await withCheckedContinuation { continuation in
            queue.edit(edit(isConfirmed: isConfirmed)) { continuation.resume(returning: $0) }
        }.get()
    }

    private static func report(_ records: Int, _ exports: Int, _ unreadable: Int = 0) -> QueueEdit.Report {
        var report = QueueEdit.Report()
        (report.records, report.exports, report.unreadable) = (records, exports, unreadable)
        return report
    }

    private static let texts = ["ada bob", "ada ada", "bob", "?", "eve ada eve", "ada"]

    @Test("records are removed from queued exports, counts and files", arguments: [true, false])
    func waitingExportsAreChanged(isOnDisk: Bool) async throws {
        let folder = try Folder()
        let path = isOnDisk ? folder.file("forward-a.db") : nil
        let queue = await Self.queue(path, Self.texts)
        #expect(try await Self.edited(queue, isConfirmed: false) == Self.report(5, 4, 1))
        #expect(queue.depth.records == 10)
        #expect(try await Self.edited(queue) == Self.report(5, 4, 1))
        #expect(queue.depth.exports == 4)
        #expect(queue.depth.records == 5)
        #expect(queue.depth.bytes == 3 + 3 + 1 + 7)
        #expect(try await Self.edited(queue) == Self.report(0, 0, 1))
        if isOnDisk {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) {
                let content = try Data(contentsOf: folder.url.appending(path: name))
                #expect(content.range(of: Data("ada".utf8)) == nil, "\(name)")
            }
        }
        for expected in ["bob", "bob", "?", "eve eve"] {
            let queued = try #require(await queue.next())
            #expect(String(buffer: queued.export.body) == expected)
            queue.remove(queued)
        }
        #expect(await eventually { queue.depth.exports == 0 })
        #expect(queue.isDone)
        #expect(queue.depth == QueueDepth())
        queue.close()
    }

    @Test("an export being sent is changed before its retry, and counted correctly")
    func handedOutExportsAreChanged() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        let queue = await Self.queue(path, ["ada bob", "ada", "bob", "sent ada"])
        var taken: [QueuedExport] = []
        for _ in 0..<4 { taken.append(try #require(await queue.next())) }
        queue.remove(taken[3])
        let report = try await Self.edited(queue)
        #expect(report == Self.report(2, 2) || report == Self.report(3, 3))
        #expect(queue.current(taken[0]).map { String(buffer: $0.body) } == "bob")
        #expect(queue.current(taken[1]) == nil)
        #expect(queue.current(taken[2]).map { String(buffer: $0.body) } == "bob")
        #expect(await eventually { queue.depth.exports <= 2 })
        #expect(queue.depth.records == 2)
        for queued in taken.prefix(3) { queue.remove(queued) }
        #expect(await eventually { queue.depth.exports == 0 })
        #expect(queue.depth == QueueDepth())
        #expect(queue.isDone)
        queue.close()
        let (again, _) = ExportQueue.open(QueueSettings(path: path), now: 0)
        #expect(again.depth == QueueDepth())
        again.close()
    }

    @Test("changes survive a restart; an unclaimed queue is changed as well")
    func changesOutliveTheProgram() async throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        let first = await Self.queue(path, Self.texts)
        let taken = try #require(await first.next())
        #expect(String(buffer: taken.export.body) == "ada bob")
        _ = try await Self.edited(first)
        first.close()
        let other = await Self.queue(folder.file("forward-b.db"), ["ada", "ada bob"])
        other.close()
        let unclaimed = UnclaimedQueues(UnclaimedQueue.all(in: folder.url.path, besides: ["a"]))
        let reports = unclaimed.edit(Self.edit(isConfirmed: true))
        #expect(reports.map(\.exporter) == ["b"])
        #expect(try reports.first?.result.get() == Self.report(2, 2))
        #expect(unclaimed.all.first?.depth?.records == 1)
        let (second, findings) = ExportQueue.open(QueueSettings(path: path), now: 0)
        #expect(findings == [])
        #expect(second.depth.exports == 4)
        #expect(second.depth.records == 5)
        #expect(await second.next().map { String(buffer: $0.export.body) } == "bob")
        second.close()
        guard
            case .failure(let failure) = await withCheckedContinuation({ continuation in
                second.edit(Self.edit(isConfirmed: true)) { continuation.resume(returning: $0) }
            })
        else {
            Issue.record("a queue that is closed was changed")
            return
        }
        #expect(failure.code == .closed)
    }
}
