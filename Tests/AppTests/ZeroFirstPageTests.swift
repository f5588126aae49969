import Testing

/// Which readers see a new series as 0.
@Suite struct ZeroFirstPageTests {
    private static let prometheus = [("X-Prometheus-Scrape-Timeout-Seconds", "10")]

    private static func value(
        of collector: AppInProcess, headers: [(String, String)] = []
    ) throws -> Double? {
        let reply = try HTTPClient.exchange(port: collector.metricsPort, "GET", "/metrics", headers: headers)
        return try ExpositionText(reply.body).total(of: "c_total")
    }

    @Test("R-OM-18 only Prometheus sees a new counter as 0, for 75 s while its interval is unknown")
    func onlyPrometheusSeesZero() async throws {
        let clock = TestClock()
        try await AppInProcess.run(clock: clock) { collector in
            _ = try collector.post(TestExport.sum("c", 3))
            for _ in 0..<2 {
                #expect(try Self.value(of: collector) == 3)
                #expect(try Self.value(of: collector, headers: Self.prometheus) == 0)
            }
            clock.advance(by: .seconds(74))
            #expect(try Self.value(of: collector, headers: Self.prometheus) == 0)
            clock.advance(by: .seconds(1))
            #expect(try Self.value(of: collector, headers: Self.prometheus) == 3)
        }
    }

    @Test("odometer.first_sample_zero: false shows Prometheus the value at once")
    func turnedOff() async throws {
        let configuration = TestConfiguration.collector(rest: "odometer: {first_sample_zero: false}")
        try await AppInProcess.run(configuration) { collector in
            _ = try collector.post(TestExport.sum("c", 3))
            #expect(try Self.value(of: collector, headers: Self.prometheus) == 3)
        }
    }

    @Test(
        "the value of the header may be anything",
        arguments: ["", "-1", "nan", "inf", "1e400", "ten", "0x10", "99999999"])
    func headerIsHostile(text: String) async throws {
        try await AppInProcess.run { collector in
            _ = try collector.post(TestExport.sum("c", 3))
            let client = try HTTPClient(port: collector.metricsPort)
            for _ in 0..<3 {
                let header = [("X-Prometheus-Scrape-Timeout-Seconds", text)]
                let reply = try client.exchange("GET", "/metrics", headers: header)
                #expect(try ExpositionText(reply.body).total(of: "c_total") == 0)
            }
        }
    }
}
