import ConfigFile
import Logging
import Platform
import Synchronization
import Testing

@testable import App
@testable import Pipeline

@Suite struct MemoryGuardTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func limiter(
        _ limit: MemoryAmount, spike: MemoryAmount? = nil, every interval: Duration = .seconds(1)
    ) -> MemoryLimiterConfig {
        MemoryLimiterConfig(name: "memory_limiter", checkInterval: interval, limit: limit, spike: spike)
    }

    @Test("exports are refused above the limit minus the spike; the default spike is a fifth of the limit")
    func softLimits() {
        #expect(Self.limiter(.bytes(1000)).softLimit(ofTotal: 0) == 800)
        #expect(Self.limiter(.bytes(1000), spike: .bytes(100)).softLimit(ofTotal: 0) == 900)
        #expect(Self.limiter(.percentage(80), spike: .percentage(25)).softLimit(ofTotal: 10_000) == 5500)
        #expect(Self.limiter(.percentage(50)).softLimit(ofTotal: 10_000) == 4000)
    }

    @Test("of several limiters the lowest limit and the shortest interval apply")
    func lowestLimitCounts() throws {
        let limiters = [
            Self.limiter(.bytes(1000)), Self.limiter(.bytes(500), every: .seconds(30)),
            Self.limiter(.percentage(90), every: .milliseconds(100)),
        ]
        let memory = try #require(MemoryGuard(limiters, totalBytes: 2000, log: Self.quiet) { 0 })
        #expect(memory.softLimit == 400)
        #expect(memory.checkInterval == .milliseconds(100))
        #expect(memory.retryAfterSeconds == 1)
        #expect(MemoryGuard([], log: Self.quiet) { 0 } == nil)
    }

    @Test("refusing depends on the measured memory, and changes are logged")
    func verdictFollowsTheMeasure() throws {
        let resident = Mutex(500)
        let log = LogCapture()
        let memory = try #require(
            MemoryGuard([Self.limiter(.bytes(1000))], log: log.logger) { resident.withLock { $0 } })
        #expect(!memory.isRefusing)
        resident.withLock { $0 = 801 }
        #expect(!memory.isRefusing, "between two checks the verdict stands")
        memory.check()
        #expect(memory.isRefusing)
        memory.check()
        resident.withLock { $0 = 800 }
        memory.check()
        #expect(!memory.isRefusing)
        let lines = try log.text().split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("exports are refused") == true)
        #expect(lines.last?.contains("exports are accepted again") == true)
    }

    @Test("where the system does not report resident memory, nothing is refused, and the log says so")
    func unknownMemoryRefusesNothing() throws {
        let log = LogCapture()
        let memory = try #require(MemoryGuard([Self.limiter(.bytes(1))], log: log.logger) { nil })
        #expect(!memory.isRefusing)
        #expect(try log.text().contains("memory_limiter has no effect"))
    }

    @Test("a percentage is that of the memory of the machine or container")
    func totalMemoryIsKnown() {
        #expect(SystemMemory.totalBytes > 64 << 20)
    }

    /// - Parameter limit: lines of the limiter.
    private static func configuration(_ limit: String) -> String {
        TestConfiguration.collector(rest: "odometer:\n  own_metrics_on_exporters: true\n")
            .replacing(
                "      exporters: [prometheus]",
                with: "      processors: [memory_limiter]\n      exporters: [prometheus]"
            ) + "processors:\n  memory_limiter: {check_interval: 10ms, \(limit)}\n"
    }

    @Test("R-HTTP-17 R-HTTP-18 above the soft limit exports get 503 with Retry-After before they are decoded")
    func exportsAreRefused() async throws {
        // Every process uses more.
        try await AppInProcess.run(Self.configuration("limit_mib: 2, spike_limit_mib: 1")) { collector in
            for body in [TestExport.sum("c", 1), "{ malformed"] {
                let reply = try HTTPClient.exchange(
                    port: collector.otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8))
                #expect(reply.status == 503)
                #expect(reply.header("Retry-After") == "1")
                #expect(reply.text.contains("memory_limiter"))
            }
            let page = try collector.scrape()
            #expect(page["odometer_memory_limiter_refusing", [:]] == 1)
            #expect(page["odometer_memory_limiter_refused_exports_total", [:]] == 2)
            #expect(page["odometer_memory_limiter_limit_bytes", [:]] == 1_048_576)
            #expect(page["odometer_accepted_points_total", ["exporter": "prometheus"]] == 0)
        }
    }

    @Test("below the soft limit exports are accepted")
    func exportsAreTaken() async throws {
        try await AppInProcess.run(Self.configuration("limit_mib: 1000000")) { collector in
            _ = try collector.post(TestExport.sum("c", 1))
            #expect(try collector.scrape()["odometer_memory_limiter_refusing", [:]] == 0)
        }
    }
}
