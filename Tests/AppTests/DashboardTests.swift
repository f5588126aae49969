import Testing

extension ProcessTests {
    /// What Grafana's dashboards show of the recorded sessions. Prometheus must be installed (`make deps`).
    @Suite struct DashboardTests {
        @Test("every panel of every dashboard shows what the recorded sessions add up to")
        func panelsShowTheTruth() async throws {
            let outcome = try await blocking {
                try PythonScript.run("../Dashboards/replayed_tests.py", [OdometerProgram.path], within: .seconds(240))
            }
            // What unittest writes names each panel.
            #expect(outcome.ending == .exited(0), "\(outcome.errors.suffix(20000))")
        }
    }
}
