import Exposition
import Foundation
import Testing

/// Random pages, parsed strictly: many by our own parser, some by common ones.
@Suite struct RandomPageTests {
    private static let escapings: [NameEscaping] = [.allowUTF8, .underscores, .dots, .values]

    @Test(
        "R-OM-06 R-OM-22 R-TXT-04 R-TXT-10 text and OpenMetrics pages keep every rule and show the same",
        arguments: 0..<8)
    func pagesAreStrict(part: UInt64) {
        for seed in part * 40..<(part + 1) * 40 {
            var pages = RandomPages(random: SeededRandom(seed: seed))
            for _ in 0..<2 {
                pages.ingest()
                for escaping in pages.keepsUTF8 ? Self.escapings : [.underscores] {
                    do { try pages.check(escaping) } catch { Issue.record("seed \(seed), \(escaping): \(error)") }
                }
            }
        }
    }

    @Test("R-OM-06 the same families have the same types, independent of earlier pages")
    func typesAreStable() {
        for seed in 0..<20 as Range<UInt64> {
            var pages = RandomPages(random: SeededRandom(seed: seed))
            pages.ingest()
            let page = pages.page(.openMetrics100, .underscores).body
            #expect(pages.page(.openMetrics100, .underscores).body == page)
            pages.ingest()
            let grown = pages.page(.openMetrics100, .underscores).body
            #expect(pages.page(.openMetrics100, .underscores).body == grown)
        }
    }

    /// Writes pages of every format into a folder.
    private func write(_ seeds: Range<UInt64>, to folder: URL, quoted: Bool) throws {
        for seed in seeds {
            var pages = RandomPages(random: SeededRandom(seed: seed))
            pages.ingest()
            for format in ExpositionFormat.allCases {
                for escaping in pages.keepsUTF8 ? Self.escapings : [.underscores] {
                    // Prometheus parses quoted names since version 3.
                    if !quoted, escaping == .allowUTF8 { continue }
                    let page = pages.page(format, escaping)
                    let name = "\(seed)-\(format)-\(escaping)"
                    try Data(page.body).write(to: folder.appending(path: "\(name).body"))
                    try Data(page.contentType.utf8).write(to: folder.appending(path: "\(name).type"))
                }
            }
        }
    }

    @Test(
        "R-OM-22 R-TXT-08 R-PBX-01 R-PBX-04 prometheus_client and promtool parse every page", .timeLimit(.minutes(3)),
        arguments: 0..<3)
    func readersTakePages(part: UInt64) throws {
        try withTemporaryFolder { folder in
            try write(5000 + part * 20..<5000 + (part + 1) * 20, to: folder, quoted: true)
            let (status, output) = try runPython("check_pages.py", [folder.path])
            #expect(status == 0 && output.hasPrefix("taken: "), "\(output)")
        }
    }

    @Test("R-OM-22 R-PBX-04 a running Prometheus parses every page", .timeLimit(.minutes(3)))
    func prometheusTakesPages() throws {
        try withTemporaryFolder { folder in
            try write(9000..<9016, to: folder, quoted: false)
            let (status, output) = try runPython("scrape_with_prometheus.py", [folder.path])
            #expect(status == 0, "\(output)")
        }
    }

    @Test("the parsers detect a broken page")
    func brokenPagesAreNoticed() throws {
        for (type, body) in [
            ("text/plain; version=0.0.4", "# TYPE a gauge\na 1\n# TYPE a gauge\na 2\n"),
            ("application/openmetrics-text; version=1.0.0", "# TYPE c counter\nc_total -1\n# EOF\n"),
            ("application/vnd.google.protobuf", "\u{3}\u{A}\u{1}a\u{3}\u{A}\u{1}a"),
        ] {
            try withTemporaryFolder { folder in
                try Data(body.utf8).write(to: folder.appending(path: "page.body"))
                try Data(type.utf8).write(to: folder.appending(path: "page.type"))
                let (status, output) = try runPython("check_pages.py", [folder.path])
                #expect(status == 1 && output.hasPrefix("page: "), "\(output)")
            }
        }
    }
}
