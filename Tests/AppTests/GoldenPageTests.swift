import Foundation
import Testing

/// Where the Collector is at fault: every case of that verdict has the whole page that has to come out instead, in text
/// and in OpenMetrics, below `Tests/Fixtures/GoldenBetter`. A case without one fails.
@Suite struct GoldenPageTests {
    private static let folder = Fixtures.folder.appending(path: "GoldenBetter")

    static let names = GoldenCase.names(isMatch: false)

    @Test("The cases to do better are there")
    func casesAreThere() {
        #expect(Self.names.count == 51)
        #expect(Fixtures.names(in: Self.folder, holding: "metrics.txt") == Self.names)
    }

    @Test("R-TXT-01 R-OM-02 R-OM-03 R-OM-04 R-OM-05 R-OM-13 R-OM-17 the page that was decided on", arguments: names)
    func showsThePage(name: String) async throws {
        let folder = Self.folder.appending(path: name)
        // What `ours` asks for beyond the exporter's own keys.
        let settings = (try? String(contentsOf: folder.appending(path: "odometer.yaml"), encoding: .utf8)) ?? ""
        let run = try await GoldenRun(name, settings: settings)
        #expect(run.text == (try String(contentsOf: folder.appending(path: "metrics.txt"), encoding: .utf8)))
        #expect(run.openMetrics == (try String(contentsOf: folder.appending(path: "metrics.om.txt"), encoding: .utf8)))
    }

    /// How many points of the case's requests are rejected; of all others none.
    private static let rejectedPoints = [
        "conflict_type_in_sequence": 1, "conflict_type_same_name": 1, "hist_malformed": 5, "sum_monotonic_negative": 2,
    ]

    @Test(
        "R-HTTP-07 what is rejected is told, and nothing else is",
        arguments: names.filter { name in !["http_", "json_", "scrape_"].contains(where: name.hasPrefix) })
    func tellsWhatIsRejected(name: String) async throws {
        let run = try await GoldenRun(name)
        #expect(run.statuses.allSatisfy { $0 == 200 })
        let rejected = try run.replies.map { try OTLPAnswer.partialSuccess(of: $0)?.rejected ?? 0 }.reduce(0, +)
        #expect(rejected == Self.rejectedPoints[name] ?? 0)
    }

    @Test("R-OM-02 R-TXT-01 the pages that were decided on keep the rules of their formats", arguments: names)
    func pagesAreValid(name: String) throws {
        let folder = Self.folder.appending(path: name)
        _ = try ExpositionText(Fixtures.bytes(folder.appending(path: "metrics.txt")))
        let isText = name == "scrape_negotiation_om_off"
        _ = try ExpositionText(
            Fixtures.bytes(folder.appending(path: "metrics.om.txt")), as: isText ? .text : .openMetrics)
    }
}
