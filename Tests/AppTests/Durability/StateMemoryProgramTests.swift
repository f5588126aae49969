import ConfigFile
import Foundation
import Logging
import Series
import Settings
import Testing

@testable import App
@testable import Pipeline

extension ProcessTests {
    /// A state at its limit: new series are rejected, existing ones survive every restart.
    @Suite struct StateMemoryProgramTests {
        private static let series = 600

        /// Labels of 8 KB, so that the limit of 2 MiB has room for about a hundred.
        private static func wide(_ number: Int, turn: Int = 0) -> String {
            let long = ["a", "b", "c"].map { ($0, String(repeating: $0, count: 2_700)) }
            return TestExport.sum(
                "wide", 1, start: turn, time: turn + 1,
                attributes: Dictionary(uniqueKeysWithValues: long + [("n", "\(number)")]))
        }

        private static func count(_ program: StatefulProgram) throws -> Int {
            try program.ownlessPage(accept: AcceptHeader.text).count { $0.hasPrefix("wide_total{") }
        }

        private static func setLimit(of program: StatefulProgram, from old: String, to new: String) throws {
            let text = try String(contentsOfFile: program.configuration, encoding: .utf8)
            #expect(text.contains("max_state_memory: \(old)"))
            try text.replacing("max_state_memory: \(old)", with: "max_state_memory: \(new)")
                .write(toFile: program.configuration, atomically: true, encoding: .utf8)
        }

        @Test("at max_state_memory new series are rejected with a reason; restarts, also with a lower limit, keep all")
        func bound() async throws {
            try await blocking {
                let program = try StatefulProgram(
                    state: "    checkpoint_interval: 1h\n", rest: "  limits: {max_state_memory: 2 MiB}\n")
                try program.start()
                #expect(try program.post(TestExport.sum("good", 1)).text == "{}")
                var taken = 0
                for number in 0..<Self.series {
                    let reply = try program.post(Self.wide(number))
                    #expect(reply.status == 200)
                    if reply.text == "{}" { taken += 1 } else { #expect(reply.text.contains("max_state_memory")) }
                }
                #expect(taken > 50 && taken < 150)
                #expect(try Self.count(program) == taken)
                let page = try program.samples()
                #expect(
                    page["odometer_rejected_points_total", ["exporter": "prometheus", "reason": "state_memory"]]
                        == Double(Self.series - taken))
                let held = try #require(page["odometer_state_memory_bytes", ["exporter": "prometheus"]])
                #expect(held > 1_500_000 && held <= Double(2 << 20))

                // Replayed from the journal, then restored from the records.
                for signal in [SIGKILL, SIGTERM, SIGKILL] {
                    try program.restart(signal)
                    #expect(try Self.count(program) == taken)
                    #expect(try program.samples()["odometer_state_memory_bytes", ["exporter": "prometheus"]] == held)
                }
                #expect(!program.log.contains("all of them continue to count"))
                #expect(try program.post(Self.wide(0, turn: 1)).text == "{}")

                // The last export is in the journal only, and is replayed with a lower limit.
                try Self.setLimit(of: program, from: "2 MiB", to: "1 MiB")
                try program.restart(SIGKILL)
                #expect(try Self.count(program) == taken)
                #expect(program.log.contains("all of them continue to count"), "\(program.log)")
                #expect(try program.post(Self.wide(0, turn: 2)).text == "{}")
                #expect(try program.post(Self.wide(Self.series)).text.contains("max_state_memory"))
                let total = try program.samples().samples.filter { $0.name == "wide_total" }.map(\.value)
                #expect(total.reduce(0, +) == Double(taken + 2))
                try program.end(SIGTERM)
            }
        }

        @Test("acknowledged exports count after a crash, although limits are lower by then")
        func loweredCounts() async throws {
            try await blocking {
                let program = try StatefulProgram(
                    state: "    checkpoint_interval: 1h\n",
                    rest: "  limits: {max_series: 90, max_writers: 900, max_state_memory: 9 MiB}\n")
                try program.start()
                for number in 0..<8 { #expect(try program.post(Self.wide(number)).text == "{}") }
                let text = try String(contentsOfFile: program.configuration, encoding: .utf8)
                try text.replacing("max_series: 90, max_writers: 900", with: "max_series: 2, max_writers: 3")
                    .write(toFile: program.configuration, atomically: true, encoding: .utf8)
                for signal in [SIGKILL, SIGKILL, SIGTERM] {
                    try program.restart(signal)
                    #expect(try Self.count(program) == 8)
                }
                #expect(try program.post(Self.wide(8)).text.contains("max_series"))
                #expect(try program.post(Self.wide(3, turn: 1)).text == "{}")
                let total = try program.samples().samples.filter { $0.name == "wide_total" }.map(\.value)
                #expect(total.reduce(0, +) == 9)
                try program.end(SIGTERM)
            }
        }

        @Test("a state that needs more memory than available is not opened or changed")
        func tooLarge() async throws {
            try await blocking {
                let program = try StatefulProgram(rest: "  limits: {max_state_memory: 4 MiB}\n")
                try program.start()
                for number in 0..<150 { #expect(try program.post(Self.wide(number)).text == "{}") }
                try program.end(SIGTERM)
                try Self.setLimit(of: program, from: "4 MiB", to: "1 MiB")
                var config = try ConfigLoader.load(files: [program.configuration], environment: { _ in nil })
                config.state.path = program.stateDirectory
                let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let stores = config.prometheus.map {
                    (name: $0.name, series: SharedSeries(SeriesStore($0, of: config, createdAt: 0)))
                }
                let failure = #expect(throws: StateFailure.self) {
                    try RecoveredState(config, exporters: stores, now: 0, log: log, memory: 1 << 20)?.abandon()
                }
                #expect(failure?.description.contains("nothing is removed") == true)
                try Self.setLimit(of: program, from: "1 MiB", to: "4 MiB")
                try program.start()
                #expect(try Self.count(program) == 150)
                try program.end(SIGTERM)
            }
        }
    }
}
