import ConfigFile
import Foundation
import Logging
import Testing

@testable import App
@testable import Pipeline

/// The file of the secret for hashed labels.
@Suite struct LabelSecretTests {
    private static let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func config(_ folder: TemporaryFolder) throws -> AppConfig {
        let text = TestConfiguration.collector(
            rest: "odometer: {state: {path: \"\(folder.url.path)\"}, labels: {hash: [a]}}\n")
        let other = try TemporaryFolder()
        return try ConfigLoader.load(files: [try other.write(text, to: "config.yaml")], environment: { _ in nil })
    }

    @Test("if it is a link, a pipe or a directory the start ends, without blocking or changes")
    func foreignFiles() throws {
        let folder = try TemporaryFolder()
        let config = try Self.config(folder)
        let path = folder.url.appending(path: "labels.key").path
        let target = try folder.write("somebody else's", to: "target")
        let manager = FileManager.default
        let things: [() throws -> Void] = [
            { try manager.createSymbolicLink(atPath: path, withDestinationPath: target) },
            { try manager.createSymbolicLink(atPath: path, withDestinationPath: target + ".new") },
            { #expect(mkfifo(path, 0o600) == 0) },
            { try manager.createDirectory(atPath: path, withIntermediateDirectories: false) },
        ]
        for (number, put) in things.enumerated() {
            try put()
            #expect(throws: StateFailure.self, "\(number)") { try LabelSecret.completed(config, log: Self.log) }
            do { _ = try LabelSecret.completed(config, log: Self.log) } catch {
                #expect("\(error)".contains("labels.key"), "\(error)")
            }
            try manager.removeItem(atPath: path)
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "somebody else's")
            #expect(!manager.fileExists(atPath: target + ".new"))
        }
        let first = try LabelSecret.completed(config, log: Self.log).labels.salt
        #expect(first?.count == 64)
        #expect(try LabelSecret.completed(config, log: Self.log).labels.salt == first)
    }
}
