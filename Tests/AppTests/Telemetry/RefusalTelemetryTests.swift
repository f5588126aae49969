import Foundation
import Logging
import NIOHPACK
import Testing

@testable import App

/// Requests refused early are counted and logged, for any reason.
@Suite struct RefusalTelemetryTests {
    private static func configuration(_ receiver: String = "", health: String = "") -> String {
        """
        receivers:
          otlp:
            protocols:
              grpc: {endpoint: "127.0.0.1:0", max_recv_msg_size_mib: 1\(receiver)}
              http: {endpoint: "127.0.0.1:0", max_request_body_size: 1000\(receiver)}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
        extensions:
          bearertokenauth: {token: some-token}
          health_check: {endpoint: "127.0.0.1:0", path: /healthz}
        service:
          extensions: [bearertokenauth, health_check]
          telemetry: {metrics: {level: none}}
          pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
        odometer:
          own_metrics_on_exporters: true
          limits: {head_timeout: 200ms, body_timeout: 200ms, max_head_size: 1 KiB}
        """
    }

    private static func refused(_ page: ExpositionText, _ reason: String) -> Double? {
        page["odometer_refused_exports_total", ["reason": reason]]
    }

    private static let json = "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"

    @Test(
        "a request refused for its head, framing or time is counted by reason and logged once",
        arguments: [
            (413, "too_large", json + "Content-Length: 1001\r\n\r\n"),
            (
                413, "too_large",
                json + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + String(repeating: "x", count: 1001)
            ),
            (415, "unsupported_media_type", "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
            (415, "unsupported_coding", json + "Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"),
            (404, "not_found", "POST /v1/metric?key=hidden HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
            (404, "no_pipeline", "POST /v1/traces HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
            (405, "wrong_method", "GET /v1/metrics HTTP/1.1\r\nHost: h\r\n\r\n"),
            (408, "timeout", json), (408, "timeout", json + "Content-Length: 5\r\n\r\nx"),
            (431, "head_too_large", json + "X: \(String(repeating: "hidden", count: 300))\r\n\r\n"),
            (400, "malformed", json + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
            (400, "malformed", json + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
            (400, "malformed", json + "Content-Length: 2\r\n\r\n\u{1F}x"),
            (400, "malformed", "nonsense hidden\r\n\r\n"),
        ])
    func refusedRequestsAreToldAndCounted(status: Int, reason: String, request: String) async throws {
        let capture = LogCapture()
        try await AppInProcess.run(Self.configuration(), log: capture.logger) { collector in
            for _ in 0..<2 {
                let client = try RawClient(port: collector.otlpPort)
                try client.send(request)
                #expect(try client.response().status == status)
            }
            let page = try collector.scrape()
            #expect(Self.refused(page, reason) == 2)
            #expect(page.total(of: "odometer_refused_exports_total") == 2)
        }
        let text = try capture.text()
        let lines = text.split(separator: "\n").filter { $0.contains("refused") && !$0.contains("fault repeated") }
        #expect(lines.count == 1, "\(text)")
        #expect(!text.contains("hidden"), "\(text)")
    }

    @Test("a request with wrong credentials is counted; the credentials are not logged")
    func unauthenticatedRequestsAreCounted() async throws {
        let capture = LogCapture()
        let configuration = Self.configuration(", auth: {authenticator: bearertokenauth}")
        try await AppInProcess.run(configuration, log: capture.logger) { collector in
            for credentials in ["", "Authorization: Bearer hidden\r\n", "Authorization: Basic hidden\r\n"] {
                let client = try RawClient(port: collector.otlpPort)
                try client.send(Self.json + credentials + "Content-Length: 0\r\n\r\n")
                #expect(try client.response().status == 401)
            }
            let client = try HTTP2Client(port: collector.grpcPort)
            #expect(try client.call([], headers: [("authorization", "Bearer hidden")]).status == "16")
            #expect(Self.refused(try collector.scrape(), "unauthenticated") == 4)
        }
        let text = try capture.text()
        #expect(text.contains("the header Authorization is missing"))
        #expect(!text.contains("hidden"))
    }

    @Test("calls refused before their message are counted by reason and logged once")
    func refusedCallsAreToldAndCounted() async throws {
        let capture = LogCapture()
        try await AppInProcess.run(Self.configuration(), log: capture.logger) { collector in
            let client = try HTTP2Client(port: collector.grpcPort)
            func status(_ stream: Int) throws -> String? { try client.answer(to: stream).status }
            #expect(try client.call(HTTP2Client.traces, []).status == "12")
            #expect(try client.call("/no/such", []).status == "12")
            let large = try client.begin()
            try client.sendData([0] + HTTP2Client.bytes(2 << 20), stream: large, ends: false)
            #expect(try status(large) == "8")
            #expect(try client.call([], headers: [("grpc-encoding", "snappy")]).status == "12")
            #expect(try client.answer(to: try client.begin(type: "text/plain")).headers.first(name: ":status") == "415")
            #expect(try client.answer(to: try client.begin(method: "GET")).headers.first(name: ":status") == "405")
            #expect(try status(try client.begin()) == "4")
            #expect(try status(try client.begin(ends: true)) == "13")
            let plain = try RawClient(port: collector.grpcPort)
            try plain.send("POST /v1/metrics HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try plain.response().status == 400)
            // Decoded, and counted once.
            #expect(try client.call([0xFF]).status == "3")
            let page = try collector.scrape()
            let counts = [
                "no_pipeline": 1.0, "not_found": 1, "too_large": 1, "unsupported_coding": 1, "wrong_method": 1,
                "unsupported_media_type": 1, "timeout": 1, "malformed": 3,
            ]
            for (reason, count) in counts { #expect(Self.refused(page, reason) == count, "\(reason)") }
            #expect(page.total(of: "odometer_refused_exports_total") == 10)
        }
        let lines = try capture.text().split(separator: "\n").filter { $0.contains("refused") }
        #expect(lines.count == 10, "\(lines)")
    }

    @Test("refusals of pages and health checks are logged, but do not count as exports")
    func pagesTellWhatTheyRefuse() async throws {
        let capture = LogCapture()
        try await AppInProcess.run(Self.configuration(), log: capture.logger) { collector in
            let health = collector.port(of: "health_check")
            #expect(try HTTPClient.exchange(port: health, "GET", "/").status == 404)
            #expect(try HTTPClient.exchange(port: collector.metricsPort, "POST", "/metrics").status == 405)
            #expect(try HTTPClient.exchange(port: collector.metricsPort, "GET", "/").status == 404)
            let page = try collector.scrape()
            #expect(page.total(of: "odometer_refused_exports_total") == 0)
        }
        let text = try capture.text()
        #expect(text.contains("not found; health is at /healthz"))
        #expect(text.contains("not found; metrics are at /metrics"))
        #expect(text.contains("use GET or HEAD"))
    }

    @Test(
        "a request with a whole URL, as via proxies, is served by its path",
        arguments: ["http://host", "HTTP://host:1", "https://[::1]:8889", "hTTps://user@host"])
    func wholeURLsAreServed(origin: String) async throws {
        try await AppInProcess.run(Self.configuration()) { collector in
            let page = try HTTPClient.exchange(port: collector.metricsPort, "GET", origin + "/metrics?a=b")
            #expect(page.status == 200)
            let health = try HTTPClient.exchange(port: collector.port(of: "health_check"), "GET", origin + "/healthz")
            #expect(health.status == 200)
            let export = try HTTPClient.exchange(
                port: collector.otlpPort, "POST", origin + "/v1/metrics",
                headers: [("Content-Type", "application/json")], body: Array(TestExport.sum("c", 1).utf8))
            #expect(export.status == 200)
            let nothing = try HTTPClient.exchange(port: collector.metricsPort, "GET", origin)
            #expect(nothing.status == 404)
        }
    }
}
