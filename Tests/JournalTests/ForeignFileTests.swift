import Foundation
import Testing

@testable import Journal

/// Links, pipes, directories and foreign files in the place of own files.
@Suite("Journal: links, pipes and directories in the place of files")
struct ForeignFileTests {
    /// The files of the directory, and those that a start may create.
    static let names = [
        "state.db", "state.db-wal", "state.db-shm", "state.db-journal", "state.db.part", "state.db.new",
        "journal-3-6.db", "journal-3-6.db-wal", "journal-9-99.db", "journal.mark", "odometer.lock",
    ]

    enum Thing: String, CaseIterable, Sendable {
        case link, danglingLink, hardLink, pipe, directory
    }

    private static let content = Data("somebody else's, and long enough to be seen to shrink".utf8)

    @Test(
        "the start ends with a line that names the file, does not block, and changes no foreign file",
        arguments: names)
    func refused(name: String) throws {
        let sample = try Sample()
        for thing in Thing.allCases {
            let copy = try sample.directory.copy()
            let outside = StateDirectory()
            try FileManager.default.createDirectory(atPath: outside.path, withIntermediateDirectories: false)
            let target = outside.path + "/target"
            try Self.content.write(to: URL(fileURLWithPath: target))
            let path = copy.path + "/" + name
            try? FileManager.default.removeItem(atPath: path)
            switch thing {
            case .link: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
            case .danglingLink:
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target + ".new")
            case .hardLink: try FileManager.default.linkItem(atPath: target, toPath: path)
            case .pipe: #expect(mkfifo(path, 0o600) == 0)
            case .directory: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
            // A link left by an earlier repair is removed, but not its target.
            if !name.hasSuffix(".part") {
                #expect(throws: (any Error).self, "\(thing)") { try look(copy.settings()) }
                do { _ = try look(copy.settings()) } catch { #expect("\(error)".contains(name), "\(error)") }
            } else {
                _ = try? look(copy.settings())
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Self.content, "\(name) \(thing)")
            #expect(!FileManager.default.fileExists(atPath: target + ".new"), "\(name) \(thing)")
        }
    }

    @Test("a link to a directory is a valid directory")
    func linkedDirectory() throws {
        let sample = try Sample()
        let link = StateDirectory()
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: sample.directory.path)
        #expect(try look(link.settings()).findings.isEmpty)
    }
}
