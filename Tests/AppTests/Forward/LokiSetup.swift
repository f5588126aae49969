import Foundation

/// Programs that pass logs on to a backend, one after the other with the same state and the same ports.
struct LokiSetup {
    let folder: TemporaryFolder
    let otlpPort: Int
    let metricsPort: Int
    /// Where nobody listens until a test does.
    let backendPort: Int

    init() throws {
        folder = try TemporaryFolder()
        (otlpPort, metricsPort, backendPort) = (try freePort(), try freePort(), try freePort())
    }

    var stateFolder: URL { folder.url.appending(path: "state") }

    /// A configuration whose exporter has this name.
    func configuration(_ exporter: String = "otlphttp/loki") throws -> String {
        let text = LokiTests.configuration(
            otlpPort: otlpPort, metricsPort: metricsPort, backend: backendPort, state: stateFolder.path
        ).replacing("otlphttp/loki", with: exporter)
        return try folder.write(text, to: "\(exporter.replacing("/", with: "-")).yaml")
    }

    func start(_ exporter: String = "otlphttp/loki") throws -> RunningProgram {
        let program = try RunningProgram(
            OdometerProgram.path, ["--config=\(try configuration(exporter))"],
            environment: OdometerProgram.environment)
        try program.waitForPorts([otlpPort, metricsPort])
        return program
    }

    func forget(_ arguments: [String], configured: String = "otlphttp/loki") throws -> ProgramRun.Result {
        try ProgramRun(["forget", "--config=\(try configuration(configured))"] + arguments).end()
    }
}
