/// The keys of exporters that pass telemetry on, none of which does so yet. They are known, so that a misspelt one is
/// told today and not on the day it takes effect.
enum ForwardingKeys {
    /// What every exporter that sends has.
    private static let sending = ["timeout", "sending_queue", "retry_on_failure"]

    private static let http =
        sending + [
            "endpoint", "tls", "auth", "headers", "compression", "compression_params", "proxy_url", "read_buffer_size",
            "write_buffer_size", "max_idle_conns", "max_idle_conns_per_host", "max_conns_per_host",
            "idle_conn_timeout", "disable_keep_alives", "http2_read_idle_timeout", "http2_ping_timeout", "cookies",
            "force_attempt_http2", "middlewares", "traces_endpoint", "metrics_endpoint", "logs_endpoint",
            "profiles_endpoint", "encoding",
        ]

    private static let grpc =
        sending + [
            "endpoint", "tls", "auth", "headers", "compression", "keepalive", "read_buffer_size",
            "write_buffer_size", "wait_for_ready", "balancer_name", "authority", "middlewares", "batcher",
        ]

    private static let file = [
        "path", "append", "rotation", "format", "encoding", "compression", "flush_interval", "group_by",
        "create_directory", "directory_permissions",
    ]

    /// Tells unknown keys of an exporter that passes telemetry on; others are not looked at.
    static func check(_ component: DefinedComponent, _ findings: Findings) {
        let keys: [String]
        switch component.id.type {
        case "otlphttp", "otlp_http": keys = http
        case "otlp", "otlp_grpc": keys = grpc
        case "file": keys = file
        default: return
        }
        component.section(findings)?.check(keys.map { KnownName($0) })
    }
}
