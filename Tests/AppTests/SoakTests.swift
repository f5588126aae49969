import Foundation
import Testing

extension ProcessTests {
    /// `make soak` in small: short sessions that leave nothing behind, beside one that lives on.
    @Suite struct SoakTests {
        @Test(
            "R-LIFE-03 short sessions without end stay within bounds, the totals of a series that lives are exact, refusals are told",
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
            "R-LIFE-03 sessions of a team leave nothing behind but exact totals by user, also when exports are sent again much later"
        )
        func teamSessions() async throws {
            let run = try await blocking {
                try PythonScript.run(
                    "soak.py",
                    [
                        // An eighth of the writers may share series: a session and a half of each export.
                        OdometerProgram.path, "--team=3", "--sessions=3000", "--max-writers=8000",
                        "--checkpoint-interval=1s", "--max-memory=200", "--max-disk=100",
                    ], within: .seconds(300))
            }
            #expect(run.ending == .exited(0), "\(run.output)\(run.errors)")
        }
    }
}
