import ConfigFile
import Foundation
import Logging
import NIOCore
import NIOPosix
import OTLP
import Settings
import Testing

@testable import App
@testable import Pipeline

/// The whole collector inside the process of the tests, on ports of the system's choice.
struct AppInProcess: Sendable {
    private let collector: RunningApp

    /// Runs a collector during `body`. The configuration is loaded like a file.
    /// - Parameter overlay: a second configuration, which overrides the first.
    static func run<Value: Sendable>(
        _ configuration: String = TestConfiguration.collector(), overlay: String? = nil,
        clock: any WallClock = SystemClock(),
        log: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: (AppInProcess) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder()
        let file = try folder.write(configuration, to: "config.yaml")
        let files = try [file] + (overlay.map { [try folder.write($0, to: "overlay.yaml")] } ?? [])
        var config = try ConfigLoader.load(files: files, environment: { _ in nil })
        // Without a path of its own: tests must not meet in one directory.
        if !config.state.isPathGiven { config.state = .memoryOnly }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Value, any Error>
        do {
            let collector = try await RunningApp.start(config, on: group, clock: clock, log: log).get()
            do {
                result = .success(try await body(AppInProcess(collector: collector)))
            } catch {
                result = .failure(error)
            }
            try await collector.drain(within: .seconds(5)).get()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        return try result.get()
    }

    var otlpPort: Int { collector.ports["otlp"] ?? 0 }
    var grpcPort: Int { collector.ports["otlp grpc"] ?? 0 }
    var metricsPort: Int { collector.ports["prometheus"] ?? 0 }
    var telemetryPort: Int { collector.ports["telemetry"] ?? 0 }

    /// The port of a listener by the name of its component.
    func port(of listener: String) -> Int { collector.ports[listener] ?? 0 }

    /// A new connection to the OTLP port.
    func connect() throws -> HTTPClient { try HTTPClient(port: otlpPort) }

    /// Posts OTLP JSON; fails the test when it is not accepted.
    func post(_ json: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> HTTPReply {
        let reply = try HTTPClient.exchange(
            port: otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
            body: Array(json.utf8))
        #expect(reply.status == 200, "\(reply.text)", sourceLocation: sourceLocation)
        return reply
    }

    /// The page as text.
    func scrapeText() throws -> String { try page(accept: "text/plain") }

    /// The page in OpenMetrics, or in text if that is not enabled.
    func scrapeOpenMetrics() throws -> String { try page(accept: "application/openmetrics-text; version=1.0.0") }

    private func page(accept: String) throws -> String {
        let reply = try HTTPClient.exchange(port: metricsPort, "GET", "/metrics", headers: [("Accept", accept)])
        #expect(reply.status == 200)
        return reply.text
    }

    func scrape() throws -> ExpositionText { try ExpositionText(scrapeText()) }
}
