internal import ConfigFile
internal import NIOCore
internal import NIOHTTP1
internal import Pipeline
internal import Server

/// The `health_check` extension: 200 when the collector is ready, 503 before that and during shutdown.
///
/// Bodies are those of the Collector: JSON with `status`, `upSince` and `uptime`, unless the configuration has others.
struct HealthService: HTTPService {
    private let config: HealthCheckConfig
    private let readiness: Readiness

    init(_ config: HealthCheckConfig, readiness: Readiness) {
        self.config = config
        self.readiness = readiness
    }

    func admit(_ head: HTTPRequestHead) -> Admission {
        guard isServed(RequestTarget(head.uri).path) else {
            return .refuse(.plain(.notFound, "not found; health is at \(config.path)", refused: .notFound))
        }
        // Probes may send any method, and mean GET.
        return .accept(bodyLimit: 64 << 10)
    }

    func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        guard case .ready(let since, let instant) = readiness.current else {
            let body = Self.body(status: "Server not available", since: "0001-01-01T00:00:00Z", uptime: "")
            return .now(response(.serviceUnavailable, config.unhealthyBody, or: body))
        }
        let uptime = Self.text(of: ContinuousClock.now - instant)
        let body = Self.body(status: "Server available", since: since.text, uptime: uptime)
        return .now(response(.ok, config.healthyBody, or: body))
    }

    func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        ScrapeService.plainRefusal(refusal)
    }

    /// A path that ends in a slash includes all paths below it, as in the Collector.
    private func isServed(_ path: Substring) -> Bool {
        path == config.path || config.path.hasSuffix("/") && path.hasPrefix(config.path)
    }

    private func response(_ status: HTTPResponseStatus, _ text: String?, or json: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": text == nil ? "application/json" : "text/plain; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text ?? json)))
    }

    /// In Go's format for durations: `1h2m3.045s`.
    private static func text(of uptime: Duration) -> String {
        let (seconds, attoseconds) = uptime.components
        let thousandths = String(attoseconds / 1_000_000_000_000_000)
        let fraction = String(repeating: "0", count: 3 - min(3, thousandths.utf8.count)) + thousandths
        let hours = seconds >= 3600 ? "\(seconds / 3600)h" : ""
        let minutes = seconds >= 60 ? "\(seconds % 3600 / 60)m" : ""
        return "\(hours)\(minutes)\(seconds % 60).\(fraction)s"
    }

    private static func body(status: String, since: String, uptime: String) -> String {
        #"{"status":"\#(status)","upSince":"\#(since)","uptime":"\#(uptime)"}"#
    }
}
