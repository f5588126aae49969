import Foundation
import Testing

extension ProcessTests {
    /// Acknowledged exports count once, however the program ends.
    @Suite struct CrashTests {
        /// Checkpoints and full journals are as frequent as the configuration allows, so that kills fall into them.
        private static let state = """
                sync_interval: 20ms
                checkpoint_interval: 100ms
                max_journal: 1 MiB

            """

        private static func run(_ program: StatefulProgram, kills: Int, seed: UInt32) throws -> PythonScript.Outcome {
            // The folder is removed with the value.
            try withExtendedLifetime(program) {
                try PythonScript.run(
                    "crash_run.py",
                    [
                        OdometerProgram.path, program.configuration, program.folder.url.path, "\(program.otlpPort)",
                        "\(program.metricsPort)", "\(kills)", "\(seed)",
                    ], within: .seconds(600))
            }
        }

        @Test("after 200 kills under load every acknowledged export is counted once, and no counter has fallen")
        func kills() async throws {
            try await blocking {
                let seed = UInt32.random(in: 0...UInt32.max)
                let outcome = try Self.run(StatefulProgram(state: Self.state), kills: 200, seed: seed)
                print("crash test, seed \(seed): \(outcome.output)")
                #expect(
                    outcome.ending == .exited(0) && outcome.output.hasPrefix("agreed: 200 kills"),
                    "seed \(seed): \(outcome.output)\(outcome.errors)")
            }
        }

        @Test("the crash test detects lost exports")
        func lossIsNoticed() async throws {
            try await blocking {
                let outcome = try Self.run(StatefulProgram(path: ""), kills: 20, seed: 1)
                #expect(outcome.ending == .exited(1))
                #expect(outcome.output.contains("has fallen"), "\(outcome.output)\(outcome.errors)")
            }
        }
    }
}
