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
    }
}
