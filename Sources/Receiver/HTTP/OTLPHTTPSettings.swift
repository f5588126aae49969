internal import OTLP

/// How the OTLP/HTTP receiver serves.
package struct OTLPHTTPSettings: Sendable, Equatable {
    /// Where OTLP/HTTP is served when nobody says otherwise (R-HTTP-26).
    package static let defaultPort = 4318

    /// The paths of the three signals (R-HTTP-22). A leading slash is added where it is missing.
    package var metricsPath: String
    package var logsPath: String
    package var tracesPath: String
    /// Bytes of a body, before and after its content coding is undone. Default 20 MiB; beyond it 413 (R-HTTP-12).
    package var maxRequestBodySize: Int

    package init(
        metricsPath: String = "/v1/metrics", logsPath: String = "/v1/logs", tracesPath: String = "/v1/traces",
        maxRequestBodySize: Int = 20 << 20
    ) {
        self.metricsPath = metricsPath
        self.logsPath = logsPath
        self.tracesPath = tracesPath
        self.maxRequestBodySize = maxRequestBodySize
    }

    func path(of signal: Signal) -> String {
        let path =
            switch signal {
            case .metrics: metricsPath
            case .logs: logsPath
            case .traces: tracesPath
            }
        return path.hasPrefix("/") ? path : "/" + path
    }
}
