import Foundation

/// A script of `Tests/Python`, run with the packages of its `requirements.txt`.
enum PythonScript {
    /// The output of a script, and its end.
    struct Outcome: Sendable {
        var ending: RunningProgram.Ending?
        var output: String
        var errors: String
    }

    /// `ODOMETER_PYTHON`, or what `make deps` has set up.
    static let interpreter =
        ProcessInfo.processInfo.environment["ODOMETER_PYTHON"]
        ?? Fixtures.package.appending(path: ".build/venv/bin/python3").path

    /// - Parameter environment: added to the environment of the tests.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], within limit: Duration
    ) throws -> Outcome {
        let script = Fixtures.python.appending(path: name).path
        let program = try RunningProgram(
            interpreter, [script] + arguments,
            environment: environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { first, _ in first })
        let ending = program.waitForEnd(within: limit)
        return Outcome(ending: ending, output: program.standardOutput, errors: program.standardError)
    }
}
