import Foundation
import Settings
import Testing

@testable import ConfigFile

@Suite struct FileReadingTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "odometer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func failure(_ files: String...) -> [String] {
        do throws(ConfigFailure) {
            _ = try ConfigLoader.load(files: files) { _ in nil }
            return []
        } catch {
            return error.lines.map { $0.replacingOccurrences(of: folder.path + "/", with: "") }
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data().write(to: folder.appending(path: "file"))
        #expect(
            failure("\(folder.path)/none.yaml", "\(folder.path)/file/x", "/") == [
                "none.yaml: cannot be read: no such file", "file/x: cannot be read: no such file",
                "/: is a directory; name a file",
            ])
        #expect(failure("") == [": no file name"])
        #expect(failure("a\0b") == ["a\\u{0}b: no file name"])
    }

    @Test("a file without read permission is reported as such", .enabled(if: geteuid() != 0))
    func unreadableFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "secret.yaml")
        try Data("a: 1".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
        #expect(
            failure(file.path) == [
                "secret.yaml: cannot be read: permission denied"
            ])
    }

    @Test func longFilesAreNotReadToTheirEnd() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "long.yaml")
        try Data(repeating: UInt8(ascii: "#"), count: (1 << 20) + 1).write(to: file)
        #expect(failure(file.path) == ["long.yaml: longer than 1048576 bytes, the limit for a configuration"])
        #expect(failure("/dev/zero") == ["/dev/zero: longer than 1048576 bytes, the limit for a configuration"])
    }

    @Test func pipesAreRead() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let text = "odometer: {limits: {max_series: 5}}"
        #expect(write(ends[1], text, text.utf8.count) == text.utf8.count)
        close(ends[1])
        let config = try ConfigLoader.load(files: ["/dev/fd/\(ends[0])"]) { _ in nil }
        close(ends[0])
        #expect(config.limits.state.maxSeries == 5)
    }

    @Test func otherSourcesOfTheCollectorAreTakenOrRefused() throws {
        let config = try ConfigLoader.load(files: ["env:MY_CONFIG"]) {
            $0 == "MY_CONFIG" ? "odometer: {limits: {max_series: 5}}" : nil
        }
        #expect(config.limits.state.maxSeries == 5)
        #expect(failure("env:NONE") == ["env:NONE: the environment variable is not set"])
        #expect(failure("yaml:a::b: c") == ["yaml:a::b: c: yaml: is not supported; write the settings into a file"])
        #expect(
            failure("https://example.org/c.yaml") == [
                "https://example.org/c.yaml: https: is not supported; write the settings into a file"
            ])
    }

    @Test func firstExistingFileIsFound() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let second = folder.appending(path: "second.yaml").path
        try Data().write(to: URL(filePath: second))
        #expect(ConfigLoader.firstExisting(of: ["", folder.path + "/first.yaml", second, folder.path]) == second)
        #expect(ConfigLoader.firstExisting(of: [folder.path + "/first.yaml"]) == nil)
    }
}
