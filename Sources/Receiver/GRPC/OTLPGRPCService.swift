package import NIOCore
private import OTLP
package import Server
package import Settings

/// OTLP over gRPC: routes a call to its signal and hands it to the sink of that signal, like the HTTP service.
package struct OTLPGRPCService: GRPCService {
    private let sinks: SignalSinks
    private let settings: OTLPGRPCSettings

    /// - Parameter sinks: the sink of each signal.
    package init(settings: OTLPGRPCSettings = OTLPGRPCSettings(), sinks: SignalSinks) {
        self.sinks = sinks
        self.settings = settings
    }

    /// Refuses unknown methods, and signals that no pipeline takes, before the message is read (R-GRPC-09).
    package func admit(_ head: GRPCHead) -> CallAdmission {
        switch CallRoute(path: head.path) {
        case .export(let signal):
            sinks[signal] != nil ? .accept(messageLimit: settings.maxRecvMsgSize) : .refuse(absent(signal))
        case .healthCheck: .accept(messageLimit: settings.maxRecvMsgSize)
        case .healthWatch:
            .refuse(
                CallFailure(
                    .unimplemented, "Watch is not served; call grpc.health.v1.Health/Check", refusal: .notFound))
        case nil: .refuse(unknown(head.path))
        }
    }

    /// Hands an export to the sink of its signal.
    package func answer(_ call: GRPCCall, on eventLoop: any EventLoop) -> CallAnswer {
        switch CallRoute(path: call.head.path) {
        case .export(let signal):
            // The sink existed when the head was admitted.
            guard let sink = sinks[signal] else { return .now(.failure(absent(signal))) }
            if let coding = UndeclaredCoding.name(of: call.message, as: .protobuf) {
                let message = "the message is \(coding), but is not marked as compressed"
                return .now(.failure(CallFailure(.invalidArgument, message, refusal: .malformed)))
            }
            return sink.ingest(call.message, as: .protobuf, on: eventLoop)
                .map { CallReplies.reply(to: $0, of: signal) }
        case .healthCheck: return .now(HealthCheck.reply(to: call.message))
        case .healthWatch, nil: return .now(.failure(unknown(call.head.path)))
        }
    }

    private func absent(_ signal: Signal) -> CallFailure {
        CallFailure(
            .unimplemented,
            "no pipeline of this collector accepts \(signal.rawValue); disable their export at the client, or configure a "
                + "pipeline for them", refusal: .noPipeline)
    }

    private func unknown(_ path: String) -> CallFailure {
        let path = ResponseText.bounded(path, bytes: 150)
        return CallFailure(
            .unimplemented,
            "\"\(path)\" is not served here; this port serves the Export calls of OTLP's metrics, logs and trace services",
            refusal: .notFound)
    }
}
