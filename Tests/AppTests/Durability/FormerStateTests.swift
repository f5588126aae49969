import Foundation
import Testing

extension ProcessTests {
    /// A state directory of the version before.
    @Suite struct FormerStateTests {
        /// Made by `Tests/Python/former_state.py`.
        private static let fixture = Fixtures.folder.appending(path: "former-state")

        private static func samples(_ text: String) -> [String] {
            let lines = text.split(separator: "\n").map(String.init)
            return lines.filter { !$0.hasPrefix("#") && !$0.hasPrefix("odometer_") }.sorted()
        }

        @Test("R-LIFE-04 the state of the version before is read: checkpoint and journal, and its totals continue")
        func totalsContinue() async throws {
            try await blocking {
                let program = try StatefulProgram(exporter: "    metric_expiration: 0\n", isTakingLogs: true)
                try FileManager.default.copyItem(
                    atPath: Self.fixture.appending(path: "state").path, toPath: program.stateDirectory)
                let expected = Self.samples(
                    try String(contentsOf: Self.fixture.appending(path: "page.txt"), encoding: .utf8))
                try program.start()
                #expect(expected.count > 200)
                #expect(Self.samples(try program.scrape().text) == expected)
                let log = program.log
                #expect(log.contains("exports_replayed=16") && !log.contains(" error "), "\(log)")
                #expect(try program.post(TestExport.sum("continued", 2)).status == 200)
                #expect(Self.samples(try program.scrape().text).count == expected.count + 1)
                try program.restart(SIGTERM)
                #expect(Self.samples(try program.scrape().text).filter { !$0.hasPrefix("continued") } == expected)
                try program.end(SIGTERM)
            }
        }
    }
}
