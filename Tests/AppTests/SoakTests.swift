import Foundation
import Testing

extension ProcessTests {
    /// A short `make soak`: short sessions that leave no state, and one that continues.
    @Suite struct SoakTests {
        @Test(
            "R-LIFE-03 endless short sessions stay within limits, totals of an active series are exact, rejections are reported",
            arguments: [["--evict-after=1s"], []])
        func shortSessions(arguments: [String]) async throws {
            let run = try await blocking {
                try PythonScript.run(
                    "soak.py",
                    [
                        OdometerProgram.path, "--sessions=1500", "--max-series=6000", "--checkpoint-interval=1s",
                        "--max-memory=200", "--max-disk=100",
                    ] + arguments, within: .seconds(300))
            }
            #expect(run.ending == .exited(0), "\(run.output)\(run.errors)")
        }

        @Test(
            "R-LIFE-03 sessions of a team leave only exact totals by user, also if exports are retried much later"
        )
        func teamSessions() async throws {
            let run = try await blocking {
                try PythonScript.run(
                    "soak.py",
                    [
                        // An eighth of the writers may share series: one and a half sessions of each export.
                        OdometerProgram.path, "--team=3", "--sessions=3000", "--max-writers=8000",
                        "--checkpoint-interval=1s", "--max-memory=200", "--max-disk=100",
                    ], within: .seconds(300))
            }
            #expect(run.ending == .exited(0), "\(run.output)\(run.errors)")
        }
    }
}
