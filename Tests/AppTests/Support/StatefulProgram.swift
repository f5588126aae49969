import Foundation
import Testing

/// The built program with a state directory; can be restarted with the same ports and folder.
final class StatefulProgram {
    let otlpPort: Int
    let metricsPort: Int
    /// The working directory; the state is in `state` below it.
    let folder: TemporaryFolder
    /// Where the configuration lies.
    let configuration: String
    private var running: RunningProgram?
    /// The log of the processes before this one.
    private var formerLog = ""

    /// Does not start yet.
    /// - Parameters:
    ///   - path: of the state directory; nil: not configured.
    ///   - state: further lines below `state:`, indented by 4.
    ///   - exporter: further lines below the exporter, indented by 4.
    ///   - rest: further lines below `odometer:`, indented by 2.
    ///   - extensions: the whole block; all of them are used.
    ///   - isTakingLogs: whether there is a logs pipeline, which discards them.
    init(
        path: String? = "state", state: String = "", exporter: String = "", rest: String = "",
        extensions: String = "", isTakingLogs: Bool = false
    ) throws {
        folder = try TemporaryFolder()
        (otlpPort, metricsPort) = (try freePort(), try freePort())
        let stateBlock = path.map { "  state:\n    path: \"\($0)\"\n\(state)" } ?? ""
        let text =
            TestConfiguration.collector(
                otlpPort: otlpPort, metricsPort: metricsPort, exporter: exporter,
                rest: "odometer:\n  own_metrics_on_exporters: true\n\(rest)\(stateBlock)"
            ).replacing("      level: none\n", with: "      level: normal\n      readers: []\n")
            .replacing(
                "service:\n", with: extensions.isEmpty ? "service:\n" : "service:\n  extensions: [health_check]\n",
                maxReplacements: 1) + extensions
        configuration = try folder.write(
            isTakingLogs ? TestConfiguration.withLogs(text) : text, to: "config.yaml")
    }

    var stateDirectory: String { folder.url.appending(path: "state").path }

    var arguments: [String] { ["--config=\(configuration)"] }

    /// The running process.
    var program: RunningProgram {
        get throws { try #require(running) }
    }

    /// Starts it and waits until it serves.
    func start() throws {
        if let running { formerLog += running.standardError }
        let program = try RunningProgram(
            OdometerProgram.path, arguments, environment: OdometerProgram.environment, directory: folder.url.path)
        running = program
        try program.waitForPorts([metricsPort, otlpPort])
    }

    /// Ends it.
    func end(_ signal: Int32) throws {
        let program = try program
        program.send(signal: signal)
        let ending = program.waitForEnd()
        #expect(ending == (signal == SIGTERM ? .exited(0) : .signaled(signal)), "\(program.standardError)")
    }

    func restart(_ signal: Int32) throws {
        try end(signal)
        try start()
    }

    /// The log of all processes so far.
    var log: String { formerLog + (running?.standardError ?? "") }

    func post(_ json: String) throws -> HTTPReply {
        try HTTPClient.exchange(
            port: otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
            body: Array(json.utf8))
    }

    func send(_ export: HTTPExport, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let reply = try HTTPClient(port: otlpPort).exchange(export)
        #expect(reply.status == 200, "\(reply.text)", sourceLocation: sourceLocation)
    }

    func scrape(accept: String = "text/plain") throws -> HTTPReply {
        try HTTPClient.exchange(port: metricsPort, "GET", "/metrics", headers: [("Accept", accept)])
    }

    /// The page read as samples.
    func samples() throws -> ExpositionText { try ExpositionText(scrape().body) }

    /// The lines without own metrics of the collector.
    func ownlessPage(accept: String) throws -> [String] {
        try scrape(accept: accept).text.split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("odometer_") && !$0.hasPrefix("# HELP odometer_") && !$0.hasPrefix("# TYPE odometer_")
                && !$0.hasPrefix("# UNIT odometer_")
        }
    }
}
