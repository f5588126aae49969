internal import OTLP

/// What the path of a call names (R-GRPC-01, R-GRPC-15).
enum CallRoute: Equatable, Sendable {
    case export(Signal)
    case healthCheck
    case healthWatch

    /// Nil for any other path; paths are compared exactly.
    init?(path: String) {
        switch path {
        case "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": self = .export(.metrics)
        case "/opentelemetry.proto.collector.logs.v1.LogsService/Export": self = .export(.logs)
        case "/opentelemetry.proto.collector.trace.v1.TraceService/Export": self = .export(.traces)
        case "/grpc.health.v1.Health/Check": self = .healthCheck
        case "/grpc.health.v1.Health/Watch": self = .healthWatch
        default: return nil
        }
    }
}
