import Foundation
import Testing

extension ProcessTests {
    @Suite struct SlowReaderTests {
        @Test(
            "readers that do not read cost little, and neither scrapes of Prometheus nor memory",
            arguments: ["HTTP/1.1\r\nHost: h", "HTTP/1.0", "HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip"])
        func slowReadersAreBounded(head: String) async throws {
            try await blocking {
                let odometer = try OdometerProgram {
                    TestConfiguration.collector(
                        otlpPort: $0, metricsPort: $1, rest: "odometer: {own_metrics_on_exporters: true}\n")
                }
                // A page that the buffers of a socket do not hold.
                let wide = ["wide": String(repeating: "w", count: 1200)]
                for batch in 0..<8 {
                    _ = try odometer.post(
                        TestExport.manySeries("c", (batch * 1000)..<(batch * 1000 + 1000), labels: wide))
                }
                func scrape() throws -> HTTPReply {
                    try HTTPClient.exchange(
                        port: odometer.metricsPort, "GET", "/metrics",
                        headers: [("X-Prometheus-Scrape-Timeout-Seconds", "10")])
                }
                for _ in 0..<3 { #expect(try scrape().status == 200) }
                let before = try #require(odometer.program.residentBytes)
                let slow = try (0..<100).map { _ in
                    let client = try RawClient(port: odometer.metricsPort, receiveBufferBytes: 4096)
                    try client.send("GET /metrics \(head)\r\n\r\n")
                    return client
                }
                let clock = ContinuousClock()
                let times = try (0..<5).map { _ in
                    let begin = clock.now
                    let status = try scrape().status
                    #expect(status == 200)
                    return clock.now - begin
                }
                let after = try #require(odometer.program.residentBytes)
                print("slow readers: \(before >> 20) MiB before, \(after >> 20) MiB with 100, scrapes in \(times)")
                #expect(after - before < 100 << 20, "\(before) \(after)")
                // The places of those that do not read become free for one that does.
                let isServed = try wait(within: .seconds(30)) {
                    try HTTPClient.exchange(port: odometer.metricsPort, "GET", "/metrics").status == 200
                }
                #expect(isServed)
                let page = try ExpositionText(scrape().body)
                let labels = ["listener": "prometheus", "reason": "slow_reader"]
                let cut = page["odometer_closed_connections_total", labels]
                // Compressed, the page is short enough for the buffers.
                if !head.contains("gzip") { #expect((cut ?? 0) > 0) }
                _ = slow
            }
        }
    }
}
