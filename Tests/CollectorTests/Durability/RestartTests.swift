import Foundation
import Testing

extension ProcessTests {
    /// A restart in the middle of what real clients sent leaves no trace.
    @Suite struct RestartTests {
        private static let exporter = "    enable_open_metrics: true\n"
        private static let odometer = "  created_timestamps: true\n"

        /// The pages after a recorded run.
        private struct Pages: Equatable {
            var text: [String]
            /// Exemplars are not kept.
            var openMetrics: [String]

            init(of program: StatefulProgram) throws {
                text = try program.ownlessPage(accept: AcceptHeader.text)
                openMetrics = try program.ownlessPage(accept: AcceptHeader.openMetrics).map { line in
                    line.firstRange(of: " # {").map { String(line[..<$0.lowerBound]) } ?? line
                }
            }
        }

        /// Replays a recorded run.
        /// - Parameter signal: ends the program after each export but the last; nil: it runs through.
        private static func replay(_ capture: CaptureFixture, restartingBy signal: Int32?) throws -> Pages {
            let program = try StatefulProgram(exporter: exporter, rest: odometer)
            try program.start()
            let exports = try capture.metricsExports
            for (number, export) in exports.enumerated() {
                try program.send(export)
                if let signal, number + 1 < exports.count || exports.count == 1 { try program.restart(signal) }
            }
            let pages = try Pages(of: program)
            #expect(capture.differences(from: try program.samples().samples) == [])
            try program.end(SIGTERM)
            #expect(!program.log.contains(" error "), "\(program.log)")
            return pages
        }

        @Test(
            "R-LIFE-05 a recorded run ends with the same page, whether the program is restarted after every export or not",
            arguments: CaptureFixture.names)
        func pagesAreEqual(name: String) async throws {
            try await blocking {
                let capture = try CaptureFixture(name)
                let uninterrupted = try Self.replay(capture, restartingBy: nil)
                #expect(!uninterrupted.openMetrics.isEmpty)
                for signal in [SIGTERM, SIGKILL] {
                    let restarted = try Self.replay(capture, restartingBy: signal)
                    let differences = Self.differences(uninterrupted, restarted)
                    #expect(differences == [], "signal \(signal)")
                }
            }
        }

        private static func differences(_ one: Pages, _ other: Pages) -> [String] {
            [(one.text, other.text), (one.openMetrics, other.openMetrics)].flatMap { before, after in
                after.difference(from: before).map { change in
                    switch change {
                    case .insert(_, let line, _): "only after restarts: \(line)"
                    case .remove(_, let line, _): "only without restarts: \(line)"
                    }
                }
            }
        }
    }
}
