import Foundation
import NIOCore
import OTLP
import Testing

@testable import Forward

/// Unclaimed queues: their exporter is no longer configured.
@Suite struct UnclaimedQueueTests {
    /// A queue with as many exports of two records as texts.
    private static func fill(_ folder: Folder, _ exporter: String, _ texts: [String]) async {
        let path = folder.file(QueueSettings.fileName(ofExporter: exporter))
        let (queue, _) = ExportQueue.open(QueueSettings(path: path), now: 0)
        for text in texts {
            let export = ForwardedExport(
                signal: .logs, encoding: .protobuf, records: 2, body: ByteBuffer(string: text))
            await withCheckedContinuation { continuation in queue.append(export) { _ in continuation.resume() } }
        }
        queue.close()
    }

    @Test("unclaimed queues are counted without changing them")
    func waitingIsCounted() async throws {
        let folder = try Folder()
        await Self.fill(folder, "otlphttp/loki", ["one", "three"])
        await Self.fill(folder, "otlp", ["here"])
        try Data("no database".utf8).write(to: URL(filePath: folder.file("forward-file.db")))
        for name in ["forward-otlp.db.damaged-20260101T000000Z", "forward-.db", "forward-%zz.db", "state.db"] {
            try Data("other".utf8).write(to: URL(filePath: folder.file(name)))
        }
        for _ in 0..<2 {
            let found = UnclaimedQueue.all(in: folder.url.path, besides: ["otlp"])
            #expect(found.map(\.exporter) == ["file", "otlphttp/loki"])
            #expect(found.first?.depth == nil)
            #expect(found.last?.depth?.exports == 2)
            #expect(found.last?.depth?.records == 4)
            #expect(found.last?.depth?.bytes == 8)
        }
        let path = folder.file(QueueSettings.fileName(ofExporter: "otlphttp/loki"))
        let (queue, findings) = ExportQueue.open(QueueSettings(path: path), now: 0)
        #expect(findings == [])
        #expect(queue.depth.exports == 2)
        #expect(await queue.next().map { String(buffer: $0.export.body) } == "one")
        queue.close()
    }

    @Test("an empty queue is removed, and one removed on request leaves no file")
    func queuesAreRemoved() async throws {
        let folder = try Folder()
        await Self.fill(folder, "empty", [])
        await Self.fill(folder, "full", ["x"])
        let queues = UnclaimedQueues(UnclaimedQueue.all(in: folder.url.path, besides: []))
        #expect(queues.all.map(\.exporter) == ["full"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["forward-full.db"])
        try queues.remove(try #require(queues.all.first))
        #expect(queues.all == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
    }

    @Test("a file name gives the name of its exporter", arguments: ["otlphttp", "otlphttp/loki", "a%2Fb", "ä/.."])
    func namesLeadBack(exporter: String) {
        #expect(QueueSettings.exporter(ofFileName: QueueSettings.fileName(ofExporter: exporter)) == exporter)
    }
}
