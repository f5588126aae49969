import NIOCore
import NIOPosix
import OTLP
import Receiver
import Server
import Settings
import Synchronization

/// A sink that records exports, and gives the answers of a test.
final class RecordingSink: ExportSink {
    struct Export: Equatable, Sendable {
        var body: [UInt8]
        var encoding: WireEncoding
    }

    private let taken = Mutex<[Export]>([])
    private let outcome: @Sendable ([UInt8]) -> Result<PartialSuccess, IngestFailure>

    init(_ outcome: @escaping @Sendable ([UInt8]) -> Result<PartialSuccess, IngestFailure> = { _ in .success(.full) }) {
        self.outcome = outcome
    }

    var exports: [Export] { taken.withLock { $0 } }

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        let bytes = Array(body.readableBytesView)
        taken.withLock { $0.append(Export(body: bytes, encoding: encoding)) }
        return .now(outcome(bytes))
    }
}

/// Runs the OTLP/HTTP receiver on a free port for as long as `body` runs.
/// - Parameters:
///   - sink: for metrics.
///   - records: for logs and traces.
func withReceiver(
    _ settings: OTLPHTTPSettings = OTLPHTTPSettings(), sink: (any ExportSink)? = RecordingSink(),
    records: (any ExportSink)? = nil, limits: ServerLimits = ServerLimits(), _ body: (HTTPListener) async throws -> Void
) async throws {
    let service = OTLPHTTPService(settings: settings, sinks: SignalSinks(metrics: sink, logs: records, traces: records))
    let listener = try await HTTPListener.start(
        ListenerSettings(name: "otlp_http", host: "127.0.0.1", port: 0, limits: limits),
        on: MultiThreadedEventLoopGroup.singleton, service: service)
    try await listener.whileOpen(body)
}

extension RawClient {
    /// Sends a request with a body and a length, and reads the response.
    func exchange(
        _ method: String = "POST", _ path: String = "/v1/metrics", type: String? = "application/x-protobuf",
        headers: [String] = [], body: [UInt8] = []
    ) throws -> RawResponse {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n"
        if let type { head += "Content-Type: \(type)\r\n" }
        for header in headers { head += header + "\r\n" }
        try send(Array((head + "\r\n").utf8) + body)
        return try response(toHead: method == "HEAD")
    }
}
