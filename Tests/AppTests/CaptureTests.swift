import Testing

/// Recorded exports of real clients are counted exactly, in any order of arrival.
@Suite struct CaptureTests {
    /// How a recorded run is replayed.
    enum Replay: String, CaseIterable, Sendable {
        case asRecorded = "as recorded"
        /// Like a client that did not get its answer.
        case eachTwice = "each request twice"
        /// All retries arrive together, after later exports.
        case reversed = "last request first"

        func order(_ exports: [HTTPExport]) -> [HTTPExport] {
            switch self {
            case .asRecorded: exports
            case .eachTwice: exports.flatMap { [$0, $0] }
            case .reversed: exports.reversed()
            }
        }
    }

    @Test("The captures hold 263 totals")
    func allTotalsAreChecked() throws {
        #expect(CaptureFixture.names.count == 22)
        #expect(try CaptureFixture.names.map { try CaptureFixture($0).expected.count }.reduce(0, +) == 263)
    }

    @Test(
        "R-DM-01 R-D2C-05 R-D2C-06 R-CUM-04 every total of a recorded run is exact",
        arguments: CaptureFixture.names, Replay.allCases)
    func totalsAreExact(name: String, replay: Replay) async throws {
        let capture = try CaptureFixture(name)
        try await AppInProcess.run { collector in
            let client = try collector.connect()
            for export in replay.order(try capture.metricsExports) {
                let reply = try client.exchange(export)
                #expect(reply.status == 200, "\(reply.text)")
                let partial = try OTLPAnswer.partialSuccess(of: reply)
                #expect(partial == nil)
            }
            let differences = capture.differences(from: try collector.scrape().samples)
            #expect(differences == [])
        }
    }
}
