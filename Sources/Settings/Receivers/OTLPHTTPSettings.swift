/// `protocols.http` of an OTLP receiver: what it serves.
package struct OTLPHTTPSettings: SettingGroup {
    /// Bytes of a body, both as sent and decompressed; beyond it 413 (R-HTTP-12). 0 is the default.
    package var maxRequestBodySize = 20 << 20
    /// The paths of the three signals (R-HTTP-22). They differ, and each begins with a slash.
    package var metricsURLPath = "/v1/metrics"
    package var logsURLPath = "/v1/logs"
    package var tracesURLPath = "/v1/traces"

    package init() {}

    /// Assigned to OTLP/HTTP (R-HTTP-26).
    package static let defaultPort = 4318

    package static let keys: [Key<OTLPHTTPSettings>] = [
        // A body is held in memory while it arrives.
        .value("max_request_body_size", \.maxRequestBodySize) { source, key in
            source.byteCount(key, in: 0...(1 << 30)).flatMap { $0 > 0 ? $0 : nil }
        },
        .urlPath("metrics_url_path", \.metricsURLPath),
        .urlPath("logs_url_path", \.logsURLPath),
        .urlPath("traces_url_path", \.tracesURLPath),
    ]
}
