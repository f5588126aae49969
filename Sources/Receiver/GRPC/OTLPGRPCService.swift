package import NIOCore
private import OTLP
package import Server

/// The OTLP/gRPC door: routes a call to its signal and hands metrics to the sink, the same one as the HTTP door.
package struct OTLPGRPCService: UnaryService {
    private let metrics: (any MetricsSink)?
    private let settings: OTLPGRPCSettings
    private let replies = CallReplies()

    /// - Parameter metrics: takes the metrics; nil when no pipeline does.
    package init(settings: OTLPGRPCSettings = OTLPGRPCSettings(), metrics: (any MetricsSink)?) {
        self.metrics = metrics
        self.settings = settings
    }

    /// Refuses unknown methods, and signals that no pipeline takes, before the message is read (R-GRPC-09).
    package func admit(_ head: UnaryHead) -> CallAdmission {
        switch CallRoute(path: head.path) {
        case .export(let signal):
            isTaken(signal) ? .accept(messageLimit: settings.maxMessageSize) : .refuse(absent(signal))
        case .healthCheck: .accept(messageLimit: settings.maxMessageSize)
        case .healthWatch:
            .refuse(CallFailure(.unimplemented, "Watch is not served; call grpc.health.v1.Health/Check"))
        case nil: .refuse(unknown(head.path))
        }
    }

    /// Hands a metrics export to the sink; logs and traces that are taken are thrown away.
    package func answer(_ call: UnaryCall, on eventLoop: any EventLoop) -> CallAnswer {
        switch CallRoute(path: call.head.path) {
        case .export(.metrics):
            // The sink was there when the head was admitted.
            guard let metrics else { return .now(.failure(absent(.metrics))) }
            switch metrics.ingest(call.message, as: .protobuf, on: eventLoop) {
            case .now(let result): return .now(replies.reply(to: result))
            case .later(let future): return .later(future.map { replies.reply(to: $0) })
            }
        case .export(let signal): return .now(replies.discarded(signal))
        case .healthCheck: return .now(HealthCheck.reply(to: call.message))
        case .healthWatch, nil: return .now(.failure(unknown(call.head.path)))
        }
    }

    private func isTaken(_ signal: Signal) -> Bool {
        switch signal {
        case .metrics: metrics != nil
        case .logs: settings.logs == .discarded
        case .traces: settings.traces == .discarded
        }
    }

    private func absent(_ signal: Signal) -> CallFailure {
        CallFailure(
            .unimplemented,
            "no pipeline of this collector takes \(signal.rawValue); turn their export off at the client, or configure a "
                + "pipeline for them")
    }

    private func unknown(_ path: String) -> CallFailure {
        let path = ResponseText.bounded(path, bytes: 150)
        return CallFailure(
            .unimplemented,
            "\"\(path)\" is not served here; this port takes the Export calls of OTLP's metrics, logs and trace services"
        )
    }
}
