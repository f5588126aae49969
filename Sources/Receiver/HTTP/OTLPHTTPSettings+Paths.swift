internal import OTLP
internal import Settings

extension OTLPHTTPSettings {
    func path(of signal: Signal) -> String {
        switch signal {
        case .metrics: metricsURLPath
        case .logs: logsURLPath
        case .traces: tracesURLPath
        }
    }
}
