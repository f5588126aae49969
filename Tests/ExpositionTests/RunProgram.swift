import Foundation

/// Runs a program to its end. Returns its output and status; -1 after a signal.
func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    try withTemporaryFolder { folder in
        let output = folder.appending(path: "output")
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -1
        return (status, String(decoding: try Data(contentsOf: output), as: UTF8.self))
    }
}

/// Runs a script of Tests/Python in the Python environment of `make test`: `ODOMETER_PYTHON`, else
/// `.build/venv/bin/python3`.
func runPython(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let fallback = root.appending(path: ".build/venv/bin/python3").path
    let python = ProcessInfo.processInfo.environment["ODOMETER_PYTHON"] ?? fallback
    return try run(python, [root.appending(path: "Tests/Python/\(script)").path] + arguments)
}

/// A folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "exposition-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
