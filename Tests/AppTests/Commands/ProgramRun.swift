import Foundation
import Testing

/// One run of the built program, with its output.
final class ProgramRun {
    struct Result {
        let status: Int32
        let reason: Process.TerminationReason
        let output: String
        let errors: String
    }

    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private var errorBytes: [UInt8] = []
    /// Its working directory, which has the state by default.
    private let folder: TemporaryFolder

    /// Starts the program that was built with the tests.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        // On macOS the executable of the tests is some folders deeper.
        let folders = sequence(first: bundle.deletingLastPathComponent()) { $0.deletingLastPathComponent() }
        let program = folders.prefix(6).map { $0.appending(path: "odometer") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath }
        folder = try TemporaryFolder()
        process.executableURL = program
        process.currentDirectoryURL = folder.url
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// A run that ends by itself. Its output must fit into a pipe (64 KiB).
    static func finished(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
        try ProgramRun(arguments, environment: environment).end()
    }

    /// Waits until standard error contains a text, at most 20 seconds.
    func waitForError(containing text: String) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !String(decoding: errorBytes, as: UTF8.self).contains(text) {
            var descriptor = pollfd(fd: errors.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let remaining = (deadline - ContinuousClock.now).components.seconds
            try #require(remaining > 0 && poll(&descriptor, 1, Int32(remaining * 1000)) == 1, "no such line: \(text)")
            let data = errors.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the program ended: \(String(decoding: errorBytes, as: UTF8.self))")
            errorBytes += data
        }
    }

    func end() throws -> Result {
        let outputText = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        errorBytes += errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, reason: process.terminationReason, output: outputText,
            errors: String(decoding: errorBytes, as: UTF8.self))
    }
}
