import Foundation
import Testing

extension ProcessTests {
    /// Restarts within recorded runs have no effect.
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
        /// - Parameter signal: ends the program after each export except the last; nil: no restarts.
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
            "R-LIFE-05 a recorded run ends with the same page, with and without a restart after every export",
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

        @Test("R-LIFE-04 the shutdown writes everything: the next start has nothing to replay")
        func endWritesTheState() async throws {
            try await blocking {
                let program = try StatefulProgram(state: "    checkpoint_interval: 1h\n")
                try program.start()
                for turn in 0..<10 {
                    #expect(try program.post(TestExport.sum("c", 2, start: turn, time: turn + 1)).status == 200)
                }
                try program.end(SIGTERM)
                let names = try FileManager.default.contentsOfDirectory(atPath: program.stateDirectory)
                #expect(Set(names) == ["state.db", "journal.mark", "odometer.lock"], "no journal is left")
                try program.start()
                #expect(try program.samples()["c_total", [:]] == 20)
                #expect(program.log.contains("exports_replayed=0"), "\(program.log)")
                #expect(try program.post(TestExport.sum("c", 2, start: 10, time: 11)).status == 200)
                try program.restart(SIGKILL)
                #expect(try program.samples()["c_total", [:]] == 22)
                #expect(program.log.contains("exports_replayed=1"), "\(program.log)")
                try program.end(SIGTERM)
            }
        }

        @Test(
            "R-OM-18 a new series shown as 0 is 0 after a restart, too, until its zero-until time")
        func zeroIsKept() async throws {
            try await blocking {
                let program = try StatefulProgram()
                try program.start()
                #expect(try program.post(TestExport.sum("c", 5)).status == 200)
                for signal in [SIGKILL, SIGTERM, SIGKILL] {
                    let seen = try HTTPClient.exchange(
                        port: program.metricsPort, "GET", "/metrics",
                        headers: [("X-Prometheus-Scrape-Timeout-Seconds", "10")])
                    #expect(try ExpositionText(seen.body)["c_total", [:]] == 0)
                    #expect(try program.samples()["c_total", [:]] == 5)
                    try program.restart(signal)
                }
                try program.end(SIGTERM)
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
