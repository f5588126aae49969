import Testing

extension ProcessTests {
    /// The dashboards with the recorded sessions. Prometheus must be installed (`make deps`).
    @Suite struct DashboardTests {
        @Test("every panel of every dashboard shows the totals of the recorded sessions")
        func panelsShowTheTruth() async throws {
            let outcome = try await blocking {
                try PythonScript.run("../Dashboards/replayed_tests.py", [OdometerProgram.path], within: .seconds(240))
            }
            // The output of unittest names each panel.
            #expect(outcome.ending == .exited(0), "\(outcome.errors.suffix(20000))")
        }
    }
}
