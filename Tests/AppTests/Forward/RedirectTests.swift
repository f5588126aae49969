import Foundation
import NIOHTTP1
import Testing

@testable import App

/// Redirects, as of gateways when a tenant moves.
@Suite struct RedirectTests {
    private static func configuration(_ backend: BackendStandIn, headers: String) -> String {
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        exporters: {otlphttp: {endpoint: "http://localhost:\(backend.port)"\(headers)}}
        service:
          telemetry: {metrics: {level: normal, readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]}}
          pipelines: {logs: {receivers: [otlp], exporters: [otlphttp]}}
        """
    }

    private static func dropped(_ collector: AppInProcess) throws -> Double? {
        let page = try HTTPClient.exchange(port: collector.telemetryPort, "GET", "/metrics")
        return try ExpositionText(page.body).total(of: "odometer_forward_dropped_records_total")
    }

    @Test(
        "a redirected export is sent completely; headers are sent to the same host only",
        arguments: ["localhost", "127.0.0.1"], [true, false])
    func redirectsAreFollowed(host: String, hasHeaders: Bool) async throws {
        let target = try await BackendStandIn.start()
        let location = "http://\(host):\(target.port)/moved?tenant=1"
        let backend = try await BackendStandIn.start { number in
            .init(status: number % 2 == 0 ? 307 : 308, headers: [("Location", location)])
        }
        let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }.prefix(2)
        let headers = hasHeaders ? ", headers: {X-Key: secret}" : ""
        try await AppInProcess.run(Self.configuration(backend, headers: headers)) { collector in
            for export in exports {
                let status = try collector.connect().exchange(export).status
                #expect(status == 200)
            }
            if hasHeaders, host != "localhost" {
                let isDropped = try wait(within: .seconds(20)) { try Self.dropped(collector) ?? 0 > 0 }
                #expect(isDropped)
                #expect(target.requests.isEmpty)
            } else {
                #expect(wait(within: .seconds(20)) { target.taken.count == exports.count })
                let dropped = try Self.dropped(collector)
                #expect(dropped == 0)
            }
        }
        if !target.taken.isEmpty {
            let contents = try target.taken.map { try $0.content }
            #expect(Set(contents) == Set(exports.map(\.body)))
            #expect(Set(target.taken.map(\.path)) == ["/moved?tenant=1"])
            for request in target.taken {
                #expect(request.headers["X-Key"] == (hasHeaders ? ["secret"] : []))
                #expect(request.headers["Host"] == ["\(host):\(target.port)"])
            }
        }
        try await backend.stop()
        try await target.stop()
    }
}
