import Foundation
import NIOCore
import OTLP
import Storage
import Testing

@testable import Forward

/// Links, pipes, directories and foreign files in the place of own files.
@Suite struct ForeignFileTests {
    enum Thing: String, CaseIterable, Sendable {
        case link, danglingLink, hardLink, pipe, directory
    }

    private static let content = Data("somebody else's, and long enough to be seen to shrink".utf8)

    /// Creates something in the place of a file; the foreign file is `target` in the same folder.
    private static func put(_ thing: Thing, at path: String, in folder: Folder) throws {
        let manager = FileManager.default
        try content.write(to: URL(filePath: folder.file("target")))
        switch thing {
        case .link: try manager.createSymbolicLink(atPath: path, withDestinationPath: folder.file("target"))
        case .danglingLink: try manager.createSymbolicLink(atPath: path, withDestinationPath: folder.file("new"))
        case .hardLink: try manager.linkItem(atPath: folder.file("target"), toPath: path)
        case .pipe: #expect(mkfifo(path, 0o600) == 0)
        case .directory: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
    }

    private static func check(_ folder: Folder) throws {
        #expect(try Data(contentsOf: URL(filePath: folder.file("target"))) == content)
        #expect(!FileManager.default.fileExists(atPath: folder.file("new")))
    }

    @Test("a file exporter writes only to its own files, and does not wait for readers", arguments: Thing.allCases)
    func output(thing: Thing) throws {
        for appends in [true, false] {
            let folder = try Folder()
            let path = folder.file("out.json")
            try Self.put(thing, at: path, in: folder)
            #expect(throws: FileFault.self) { try OutputFile(path: path, appends: appends) }
            do { _ = try OutputFile(path: path, appends: appends) } catch {
                #expect("\(error)".contains("out.json"))
            }
            try Self.check(folder)
        }
    }

    @Test("neither a queue nor its log may be a link, a pipe or a directory", arguments: Thing.allCases, ["", "-wal"])
    func queue(thing: Thing, suffix: String) throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        try Self.put(thing, at: path + suffix, in: folder)
        let (queue, findings) = ExportQueue.open(QueueSettings(path: path), now: 0)
        guard case .unusable(let failure)? = findings.first else {
            Issue.record("\(thing) is taken: \(findings)")
            return
        }
        #expect(failure.description.contains("forward-a.db\(suffix)"), "\(failure)")
        queue.close()
        try Self.check(folder)
    }

    @Test("without append a file is truncated, with append it is continued")
    func ownFile() throws {
        let folder = try Folder()
        let path = folder.file("out.json")
        try Self.content.write(to: URL(filePath: path))
        #expect(try OutputFile(path: path, appends: true).size == Self.content.count)
        #expect(try OutputFile(path: path, appends: false).size == 0)
    }

    @Test("a queue of which only the log is left is recovered from it")
    func orphanedLog() throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        let copy = folder.file("forward-b.db")
        let file = try QueueFile(path: path)
        let exports = ["one", "two"].enumerated().map { number, text in
            QueuedExport(
                number: UInt64(number) + 1,
                export: ForwardedExport(
                    signal: .logs, encoding: .protobuf, records: 1, body: ByteBuffer(string: text)))
        }
        try file.change(adding: exports, removing: [])
        // As after a kill, with the larger file removed.
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
        let (second, findings) = ExportQueue.open(QueueSettings(path: copy), now: 0)
        #expect(findings == [] && second.depth.exports == 2, "\(findings)")
        second.close()
    }

    @Test("a queue of which only an empty log is left is reported, and works", arguments: [0, 32])
    func emptyLog(bytes: Int) throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        #expect(FileManager.default.createFile(atPath: path + "-wal", contents: Data(count: bytes)))
        let (queue, findings) = ExportQueue.open(QueueSettings(path: path), now: 0)
        #expect(findings == [.missing(path: path)])
        queue.close()
        let (again, later) = ExportQueue.open(QueueSettings(path: path), now: 0)
        #expect(later == [])
        again.close()
    }

    @Test("an unclaimed queue is found if only its log is left")
    func unclaimedLog() throws {
        let folder = try Folder()
        let path = folder.file("forward-a.db")
        let file = try QueueFile(path: path)
        let export = ForwardedExport(signal: .logs, encoding: .protobuf, records: 3, body: ByteBuffer(string: "one"))
        try file.change(adding: [QueuedExport(number: 1, export: export)], removing: [])
        for name in ["forward-b.db", "other.db"] {
            try FileManager.default.copyItem(atPath: path + "-wal", toPath: folder.file(name) + "-wal")
        }
        #expect(FileManager.default.createFile(atPath: folder.file("forward-c.db-wal"), contents: Data(count: 32)))
        let found = UnclaimedQueue.all(in: folder.url.path, besides: ["a"])
        #expect(found.map(\.exporter) == ["b"])
        #expect(found.first?.depth?.records == 3)
    }
}
