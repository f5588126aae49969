import NIOCore
import NIOPosix
import OTLP
import Receiver
import Server
import Settings
import Synchronization

/// A sink that holds exports until a test answers them.
final class HeldSink: ExportSink {
    private let held = Mutex<[EventLoopPromise<Result<PartialSuccess, IngestFailure>>]>([])

    var count: Int { held.withLock { $0.count } }

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        let promise = eventLoop.makePromise(of: Result<PartialSuccess, IngestFailure>.self)
        held.withLock { $0.append(promise) }
        return .later(promise.futureResult)
    }

    /// Answers all held exports.
    func release() {
        let promises = held.withLock { held in
            defer { held = [] }
            return held
        }
        for promise in promises { promise.succeed(.success(.full)) }
    }
}

/// Runs the OTLP/gRPC receiver on a free port for as long as `body` runs.
func withGRPC(
    _ settings: OTLPGRPCSettings = OTLPGRPCSettings(), sink: (any ExportSink)? = RecordingSink(),
    records: (any ExportSink)? = nil,
    limits: ServerLimits = ServerLimits(), bodies: BodyBudget = BodyBudget(), http2: HTTP2Limits = HTTP2Limits(),
    _ body: (HTTPListener) throws -> Void
) async throws {
    let listener = try await HTTPListener.bind(
        ListenerSettings(name: "otlp grpc", host: "127.0.0.1", port: 0, limits: limits, bodies: bodies),
        on: MultiThreadedEventLoopGroup.singleton,
        serving: .grpc(
            OTLPGRPCService(settings: settings, sinks: SignalSinks(metrics: sink, logs: records, traces: records)),
            http2)
    ).get()
    let result: Result<Void, any Error>
    do {
        result = .success(try body(listener))
    } catch {
        result = .failure(error)
    }
    try await listener.drain(until: .now()).get()
    try result.get()
}
