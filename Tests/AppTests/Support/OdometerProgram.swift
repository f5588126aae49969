import Foundation

/// The built program in its own process, on free ports. Ended with the value.
final class OdometerProgram {
    private(set) var program: RunningProgram
    let otlpPort: Int
    let metricsPort: Int
    private let folder: TemporaryFolder

    /// Starts it and waits until it serves.
    /// - Parameter configuration: the YAML for a port of OTLP/HTTP and a port of /metrics.
    init(
        _ configuration: (_ otlpPort: Int, _ metricsPort: Int) -> String = {
            TestConfiguration.collector(otlpPort: $0, metricsPort: $1)
        }
    ) throws {
        var attempt = 1
        while true {
            let (otlpPort, metricsPort) = (try freePort(), try freePort())
            let folder = try TemporaryFolder()
            let file = try folder.write(configuration(otlpPort, metricsPort), to: "config.yaml")
            let program = try Self.start(file, in: folder)
            do {
                try program.waitForPorts([otlpPort, metricsPort])
            } catch {
                attempt += 1
                // Another process may have used the port since it was found free.
                guard attempt <= 3, program.standardError.contains("in use") else { throw error }
                continue
            }
            (self.program, self.otlpPort, self.metricsPort, self.folder) = (program, otlpPort, metricsPort, folder)
            return
        }
    }

    private static func start(_ file: String, in folder: TemporaryFolder) throws -> RunningProgram {
        try RunningProgram(path, ["--config=\(file)"], environment: environment, directory: folder.url.path)
    }

    /// Ends it by a signal and starts it again with its state.
    func restart(_ signal: Int32) throws {
        program.send(signal: signal)
        _ = program.waitForEnd()
        program = try Self.start(folder.url.appending(path: "config.yaml").path, in: folder)
        try program.waitForPorts([otlpPort, metricsPort])
    }

    /// Only the given configuration.
    static let environment = ["ODOMETER_CONFIG_PATHS": ""]

    /// The program that was built together with the tests.
    static let path: String = {
        let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        // On macOS the executable of the tests is deeper in its bundle.
        let folders = sequence(first: bundle.deletingLastPathComponent()) { $0.deletingLastPathComponent() }
        let candidates = folders.prefix(6).map { $0.appending(path: "odometer").path }
        let built = Fixtures.package.appending(path: ".build/debug/odometer").path
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? built
    }()

    func connect() throws -> HTTPClient { try HTTPClient(port: otlpPort) }

    func post(_ json: String) throws -> HTTPReply {
        try HTTPClient.exchange(
            port: otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
            body: Array(json.utf8))
    }

    func scrapeReply() throws -> HTTPReply { try HTTPClient.exchange(port: metricsPort, "GET", "/metrics") }

    func scrape() throws -> ExpositionText { try ExpositionText(scrapeReply().body) }
}
