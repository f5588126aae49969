import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Logs to a backend that is down, slow, overloaded, failing, and then works.
@Suite struct LokiTests {
    /// Short pauses between attempts.
    static let retry = "retry_on_failure: {initial_interval: 20ms, max_interval: 100ms}"

    /// A pipeline of metrics to a page, and one of logs to a backend.
    static func configuration(
        otlpPort: Int, metricsPort: Int, backend: Int, state: String = "state", more: String = ""
    ) -> String {
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:\(otlpPort)"}}}}
        exporters:
          prometheus: {endpoint: "127.0.0.1:\(metricsPort)"}
          otlphttp/loki:
            endpoint: http://127.0.0.1:\(backend)/otlp
            tls: {insecure: true}
            timeout: 500ms
            \(retry)
            \(more)
        service:
          telemetry: {metrics: {level: none}}
          pipelines:
            metrics: {receivers: [otlp], exporters: [prometheus]}
            logs: {receivers: [otlp], exporters: [otlphttp/loki]}
        odometer: {own_metrics_on_exporters: true, state: {path: "\(state)"}}
        """
    }

    @Test("a backend that is down, slow, answers 429 and 500, then works gets every record, also after kill -9")
    func everyRecordArrives() async throws {
        let backendPort = try freePort()
        let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }
        let metrics = try CaptureFixture("session-pb-delta").metricsExports
        let expected = try LogRecords.counts(in: exports.map(\.body))
        #expect(expected.count > 20)
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: backendPort)
        }
        let scrapes = Mutex<(good: Int, bad: Int)>((0, 0))
        func scrape() throws {
            let status = try program.scrapeReply().status
            scrapes.withLock { status == 200 ? ($0.good += 1) : ($0.bad += 1) }
        }
        func send(_ exports: some Sequence<HTTPExport>) throws {
            for export in exports { #expect(try program.connect().exchange(export).status == 200) }
            try scrape()
        }
        let third = max(1, exports.count / 3)
        // Down: nobody listens.
        try send(exports.prefix(third))
        for export in metrics { #expect(try program.connect().exchange(export).status == 200) }
        try program.restart(SIGKILL)
        try scrape()
        // Up, with one failure after the other.
        let backend = try await BackendStandIn.start(port: backendPort) { number in
            switch number % 4 {
            case 0: .init(status: 429, headers: [("Retry-After", "0")])
            case 1: .init(status: 500, body: "data refused due to high memory usage")
            case 2: .init(delay: nil)
            default: .init(status: 503)
            }
        }
        try send(exports.dropFirst(third).prefix(third))
        #expect(wait(within: .seconds(20)) { backend.requests.count >= 12 })
        try scrape()
        try program.restart(SIGKILL)
        try send(exports.dropFirst(2 * third))
        // Slow, then normal.
        backend.answers { _ in .init(delay: .milliseconds(20)) }
        func arrived() throws -> [[UInt8]: Int] { try LogRecords.counts(in: try backend.taken.map { try $0.content }) }
        let isComplete = try wait(within: .seconds(40)) {
            try scrape()
            let counts = try arrived()
            return expected.keys.allSatisfy { counts[$0] != nil }
        }
        #expect(isComplete)
        let counts = try arrived()
        for (record, count) in expected { #expect(counts[record] ?? 0 >= count) }
        #expect(Set(backend.requests.map(\.path)) == ["/otlp/v1/logs"])
        #expect(Set(backend.requests.compactMap { $0.headers.first(name: "content-encoding") }) == ["gzip"])
        #expect(scrapes.withLock { $0.bad } == 0)
        #expect(scrapes.withLock { $0.good } > 5)
        let page = try program.scrape()
        #expect(try CaptureFixture("session-pb-delta").differences(from: page.samples) == [])
        program.program.stop()
        try await backend.stop()
    }

    @Test("no prompt is left in the state directory after delivery")
    func nothingIsLeftOnDisk() async throws {
        let backend = try await BackendStandIn.start()
        let exports = try CaptureFixture("pb-log-details").exports { $0.contains("logs") }
        let folder = try TemporaryFolder()
        let state = folder.url.appending(path: "state")
        let program = try OdometerProgram {
            Self.configuration(otlpPort: $0, metricsPort: $1, backend: backend.port, state: state.path)
        }
        // Content that is long enough to be unique. The user may stay, as a label.
        let secrets = Set(try Self.texts(in: exports.map(\.body)).filter { $0.count >= 24 })
        #expect(secrets.count > 3)
        backend.answers { _ in .init(status: 503) }
        for export in exports { #expect(try program.connect().exchange(export).status == 200) }
        #expect(try Self.leftovers(of: secrets, in: state) != [], "the queue must hold what waits")
        backend.answers { _ in .ok }
        let isClean = try wait(within: .seconds(20)) { try Self.leftovers(of: secrets, in: state) == [] }
        #expect(isClean)
        #expect(backend.taken.count == exports.count)
        program.program.stop()
        #expect(try Self.leftovers(of: secrets, in: state) == [])
        try await backend.stop()
    }

    private static let contentKeys = ["prompt", "response", "tool_input", "tool_parameters", "error"].map {
        Array($0.utf8)
    }

    /// The texts of attributes with content.
    private static func texts(in bodies: [[UInt8]]) throws -> Set<[UInt8]> {
        var texts: Set<[UInt8]> = []
        for body in bodies {
            for record in try LogRecords.records(in: body) {
                let fields = try #require(ProtobufFields(record))
                for attribute in fields.all(6).compactMap(ProtobufFields.init) {
                    guard let key = attribute.bytes(1), contentKeys.contains(key) else { continue }
                    if let text = attribute.message(2)?.bytes(1) { texts.insert(text) }
                }
            }
        }
        return texts
    }

    private static func leftovers(of secrets: Set<[UInt8]>, in directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { name in
            guard let content = try? Data(contentsOf: directory.appending(path: name)) else { return false }
            return secrets.contains { content.range(of: Data($0)) != nil }
        }
    }
}
