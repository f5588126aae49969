internal import NIOCore
internal import Server

/// `grpc.health.v1.Health/Check` (R-GRPC-15): this port serves only once the collector is ready.
enum HealthCheck {
    /// `HealthCheckResponse{status: SERVING}`.
    private static let serving = CallReply.message(ByteBuffer(bytes: [0x08, 0x01]))

    private static let services: Set<String> = [
        "", "opentelemetry.proto.collector.metrics.v1.MetricsService",
        "opentelemetry.proto.collector.logs.v1.LogsService", "opentelemetry.proto.collector.trace.v1.TraceService",
    ]

    /// SERVING for the whole server (an empty name) and for OTLP's services, NOT_FOUND for others.
    static func reply(to message: ByteBuffer) -> CallReply {
        guard let name = service(in: message) else {
            return .failure(CallFailure(.invalidArgument, "the HealthCheckRequest is malformed"))
        }
        guard services.contains(name) else { return .failure(CallFailure(.notFound, "no such service is served")) }
        return serving
    }

    /// Field 1 of `HealthCheckRequest`, a string; nil for any other message. Names are short enough for one byte of
    /// length.
    private static func service(in message: ByteBuffer) -> String? {
        var message = message
        guard message.readableBytes > 0 else { return "" }
        guard message.readInteger(as: UInt8.self) == 0x0A, let length = message.readInteger(as: UInt8.self),
            length < 0x80, message.readableBytes == Int(length)
        else { return nil }
        return message.readString(length: Int(length))
    }
}
