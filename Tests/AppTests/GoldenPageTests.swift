import Foundation
import Testing

/// Cases in which the Collector is wrong: the expected pages, in text and OpenMetrics, are in
/// `Tests/Fixtures/GoldenBetter`. A case without them fails.
@Suite struct GoldenPageTests {
    private static let folder = Fixtures.folder.appending(path: "GoldenBetter")

    static let names = GoldenCase.names(isMatch: false)

    @Test("The cases with intended differences are there")
    func casesAreThere() {
        #expect(Self.names.count == 51)
        #expect(Fixtures.names(in: Self.folder, holding: "metrics.txt") == Self.names)
    }

    @Test("R-TXT-01 R-OM-02 R-OM-03 R-OM-04 R-OM-05 R-OM-13 R-OM-17 the page is the expected one", arguments: names)
    func showsThePage(name: String) async throws {
        let folder = Self.folder.appending(path: name)
        // Settings of `ours` besides those of the exporter.
        let settings = (try? String(contentsOf: folder.appending(path: "odometer.yaml"), encoding: .utf8)) ?? ""
        let run = try await GoldenRun(name, settings: settings)
        #expect(run.text == (try String(contentsOf: folder.appending(path: "metrics.txt"), encoding: .utf8)))
        #expect(run.openMetrics == (try String(contentsOf: folder.appending(path: "metrics.om.txt"), encoding: .utf8)))
    }

    /// Rejected points of the cases; none in all others.
    private static let rejectedPoints = [
        "conflict_type_in_sequence": 1, "conflict_type_same_name": 1, "hist_malformed": 5, "sum_monotonic_negative": 2,
    ]

    @Test(
        "R-HTTP-07 rejected points are reported, and nothing else",
        arguments: names.filter { name in !["http_", "json_", "scrape_"].contains(where: name.hasPrefix) })
    func tellsWhatIsRejected(name: String) async throws {
        let run = try await GoldenRun(name)
        #expect(run.statuses.allSatisfy { $0 == 200 })
        let rejected = try run.replies.map { try OTLPAnswer.partialSuccess(of: $0)?.rejected ?? 0 }.reduce(0, +)
        #expect(rejected == Self.rejectedPoints[name] ?? 0)
    }

    @Test("R-OM-02 R-TXT-01 the expected pages follow the rules of their formats", arguments: names)
    func pagesAreValid(name: String) throws {
        let folder = Self.folder.appending(path: name)
        _ = try ExpositionText(Fixtures.bytes(folder.appending(path: "metrics.txt")))
        let isText = name == "scrape_negotiation_om_off"
        _ = try ExpositionText(
            Fixtures.bytes(folder.appending(path: "metrics.om.txt")), as: isText ? .text : .openMetrics)
    }
}
