import ConfigFile
import Testing

/// All formats, from an export to the page, on sockets.
@Suite struct ScrapeFormatTests {
    private static let openMetrics = "application/openmetrics-text;version=1.0.0"
    private static let protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    private static let offered = TestConfiguration.collector(
        exporter: "    enable_open_metrics: true\n",
        rest: "odometer:\n  created_timestamps: true\n  target_info: always\n")

    /// The page for a scraper with this Accept header.
    private static func page(_ collector: AppInProcess, accept: String) throws -> HTTPReply {
        let reply = try HTTPClient.exchange(
            port: collector.metricsPort, "GET", "/metrics", headers: [("Accept", accept)])
        #expect(reply.status == 200)
        return reply
    }

    /// The Vary header of the answer.
    private static func varies(_ reply: HTTPReply) -> [String] {
        reply.headers.filter { $0.name.lowercased() == "vary" }.map(\.value).sorted()
    }

    private static func lines(_ collector: AppInProcess) throws -> [String] {
        try page(collector, accept: openMetrics).text.split(separator: "\n").map(String.init)
    }

    @Test("R-NEG-08 a Collector configuration answers with OpenMetrics only if configured")
    func openMetricsIsOptional() async throws {
        let accepts = [
            Self.openMetrics, "application/openmetrics-text", Self.openMetrics + ",text/plain;q=0.1",
            Self.openMetrics + ";escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,*/*;q=0.1",
        ]
        for (exporter, isOffered) in [
            ("", false), ("    enable_open_metrics: false\n", false), ("    enable_open_metrics: true\n", true),
        ] {
            try await AppInProcess.run(TestConfiguration.collector(exporter: exporter)) { collector in
                _ = try collector.post(TestExport.sum("c", 3))
                for accept in accepts {
                    let reply = try Self.page(collector, accept: accept)
                    let type = try #require(reply.header("Content-Type"))
                    #expect(type.hasPrefix("application/openmetrics-text") == isOffered, "\(accept)")
                    #expect(type.hasPrefix("text/plain; version=0.0.4") != isOffered, "\(accept)")
                    #expect(reply.text.hasSuffix("# EOF\n") == isOffered)
                }
                #expect(try Self.page(collector, accept: Self.protobuf).text.contains("c_total"))
            }
        }
    }

    @Test("R-NEG-08 the embedded configuration offers OpenMetrics")
    func embeddedOffersOpenMetrics() throws {
        let embedded = try ConfigLoader.load(files: [], environment: { _ in nil })
        #expect(embedded.prometheus.map(\.enableOpenMetrics) == [true])
    }

    @Test("R-OM-01 R-NEG-01 R-NEG-03 R-NEG-04 R-NEG-05 R-NEG-06 R-NEG-09 the head of the answer has the chosen format")
    func answersAreTold() async throws {
        let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="
        let protobuf = Self.protobuf.replacing(";", with: "; ") + "; escaping="
        let text = "text/plain; version=0.0.4; charset=utf-8"
        try await AppInProcess.run(Self.offered) { collector in
            for (accept, type) in [
                (Self.openMetrics, openMetrics + "underscores"),
                (Self.openMetrics + ";escaping=allow-utf-8", openMetrics + "allow-utf-8"),
                (Self.openMetrics + ";escaping=dots", openMetrics + "dots"),
                (Self.openMetrics + ";escaping=values", openMetrics + "values"),
                (Self.openMetrics + ";escaping=<script>", openMetrics + "underscores"),
                (Self.openMetrics + ";q=0.2,text/plain;q=0.3", text), ("application/json", text), ("", text),
                (Self.openMetrics + ";q=0.2," + Self.protobuf + ";escaping=values;q=0.3", protobuf + "values"),
            ] {
                let reply = try Self.page(collector, accept: accept)
                #expect(reply.header("Content-Type") == type, "\(accept)")
                #expect(Self.varies(reply) == ["Accept", "Accept-Encoding"])
                #expect(reply.header("Content-Encoding") == nil)
            }
            for (accepted, isZipped) in [
                ("gzip", true), ("gzip;q=0", false), ("*", true), ("identity, gzip;q=0.5", false),
            ] {
                let reply = try HTTPClient.exchange(
                    port: collector.metricsPort, "GET", "/metrics",
                    headers: [("Accept", Self.openMetrics), ("Accept-Encoding", accepted)])
                #expect((reply.header("Content-Encoding") == "gzip") == isZipped, "\(accepted)")
                #expect(Self.varies(reply) == ["Accept", "Accept-Encoding"])
                #expect((isZipped ? gunzipped(reply.body) : reply.body) == Array("# EOF\n".utf8))
            }
        }
    }

    @Test("R-EX-01 R-EX-02 R-EX-03 R-EX-04 exemplars of counters and buckets reach the page with their labels")
    func exemplars() async throws {
        let ids = #""traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174""#
        let shownIDs = #"trace_id="5b8efff798038103d269b633813fc60c",span_id="eee19b7ec3c1b174""#
        let filtered = [
            DraftJSON.attribute("z", "1"), DraftJSON.attribute("a.b", "2"), DraftJSON.attribute("trace_id", "mine"),
        ].joined(separator: ",")
        let exemplar = { (value: Double, time: Int, rest: String) in
            #"{"asDouble":\#(value),"timeUnixNano":"\#(DraftJSON.seconds(time))",\#(rest)}"#
        }
        let long = DraftJSON.attribute("long", String(repeating: "x", count: 62))
        try await AppInProcess.run(Self.offered) { collector in
            let counter = [
                exemplar(1, 9, ids + #","filteredAttributes":[\#(filtered)]"#), exemplar(2, 8, #""traceId":"""#),
            ].joined(separator: ",")
            let buckets = [
                exemplar(0.5, 7, ids + #","filteredAttributes":[\#(long)]"#),
                exemplar(3, 8, #""traceId":"00000000000000000000000000000000","filteredAttributes":[\#(long)]"#),
            ].joined(separator: ",")
            let reply = try collector.post(
                DraftJSON.export(
                    DraftJSON.sum(
                        "c", #""asInt":"3","timeUnixNano":"\#(DraftJSON.seconds(10))","exemplars":[\#(counter)]"#),
                    DraftJSON.histogram("h", bounds: [1], counts: [1, 1], start: 0, time: 10, exemplars: buckets)))
            #expect(reply.text == "{}")
            let lines = try Self.lines(collector)
            #expect(
                lines.first { $0.hasPrefix("c_total") }
                    == "c_total 3.0 # {" + shownIDs + #",a_b="2",z="1"} 1.0 1700000009"#)
            #expect(
                lines.filter { $0.hasPrefix("h_bucket") } == [
                    #"h_bucket{le="1.0"} 1 # {\#(shownIDs)} 0.5 1700000007"#,
                    #"h_bucket{le="+Inf"} 2 # {long="\#(String(repeating: "x", count: 62))"} 3.0 1700000008"#,
                ])
            #expect(lines.filter { $0.contains(" # {") }.count == 3)
            #expect(try !collector.scrapeText().contains(" # {"))
        }
    }

    @Test("a page prepared outside the event loop is complete in every format, with its targets")
    func longPage() async throws {
        let count = 4000
        let wide = DraftJSON.attribute("wide", String(repeating: "w", count: 100))
        let points = (0..<count).map {
            #""asInt":"1","timeUnixNano":"\#(DraftJSON.seconds(10))","attributes":[\#(DraftJSON.attribute("id", "n\($0)")),\#(wide)]"#
        }
        try await AppInProcess.run(Self.offered) { collector in
            _ = try collector.post(
                DraftJSON.export(
                    DraftJSON.sum("c", points.joined(separator: "},{")),
                    resource: DraftJSON.attribute("service.name", "svc") + "," + DraftJSON.attribute("host", "h")))
            for accept in ["", Self.openMetrics] {
                let lines = try Self.page(collector, accept: accept).text.split(separator: "\n")
                #expect(Set(lines.filter { $0.hasPrefix("c_total{") }).count == count)
                #expect(lines.filter { $0.hasPrefix("target_info{") }.count == 1)
            }
            // Others are served between two pieces, however fast the reader reads.
            for accept in ["", Self.openMetrics, Self.protobuf] {
                let sizes = try Self.page(collector, accept: accept).chunkSizes
                #expect(sizes.count > 4 && sizes.allSatisfy { $0 <= 128 << 10 }, "\(sizes)")
            }
            let page = try Self.page(collector, accept: Self.protobuf).text
            #expect(page.matches(of: /n\d+/).count == count)
            #expect(page.contains("target_info"))
        }
    }

    @Test("R-TGT-05 R-TGT-01 the target is the first family of the page")
    func targetIsFirst() async throws {
        try await AppInProcess.run(Self.offered) { collector in
            let resource = [DraftJSON.attribute("service.name", "svc"), DraftJSON.attribute("host", "h")].joined(
                separator: ",")
            _ = try collector.post(
                DraftJSON.export(
                    DraftJSON.sum("a", #""asInt":"3","timeUnixNano":"\#(DraftJSON.seconds(10))""#), resource: resource))
            let lines = try Self.lines(collector)
            #expect(
                lines.prefix(3) == [
                    "# TYPE target_info gauge", "# HELP target_info Target metadata",
                    #"target_info{host="h",job="svc"} 1.0"#,
                ])
            #expect(try collector.scrapeText().hasPrefix("# HELP a_total"))
        }
    }

    @Test(
        "R-ST-01 R-ST-02 R-ST-03 R-ST-04 R-OM-12 _created is the first start, stays, and moves when the total restarts")
    func createdMovesOnReset() async throws {
        try await AppInProcess.run(Self.offered) { collector in
            func send(_ number: Int, _ system: Int, _ bound: Double, _ count: Int) throws -> [String: Int] {
                let (start, time) = (100 * number, 100 * number + 50)
                let times =
                    #""startTimeUnixNano":"\#(DraftJSON.seconds(start))","timeUnixNano":"\#(DraftJSON.seconds(time))""#
                let unknown = #""timeUnixNano":"\#(DraftJSON.seconds(time))""#
                _ = try collector.post(
                    DraftJSON.export(
                        DraftJSON.sum("d", #""asInt":"1",\#(times)"#),
                        DraftJSON.sum("none", #""asInt":"1",\#(unknown)"#),
                        DraftJSON.sum("summed", temporality: 2, #""asInt":"\#(system)",\#(times)"#),
                        DraftJSON.sum("system.x", temporality: 2, #""asInt":"\#(system)",\#(times)"#),
                        DraftJSON.histogram("h", bounds: [bound], counts: [1, 1], start: start, time: time),
                        DraftJSON.summary("s", count: count, start: start, time: time)))
                let created = try Self.lines(collector).filter { $0.contains("_created") }
                return Dictionary(
                    uniqueKeysWithValues: created.compactMap { line in
                        let parts = line.split(separator: "_created 1700000")
                        return parts.count == 2 ? (String(parts[0]), Int(parts[1]) ?? -1) : nil
                    })
            }
            let atFirst = ["d": 100, "summed": 100, "system_x": 100, "h": 100, "s": 100]
            let born = try send(1, 5, 1, 5)
            #expect(born == atFirst)
            let grown = try send(2, 6, 1, 6)
            #expect(grown == atFirst)
            // A lower total and a lower count are resets. The others only grow, also a histogram with other bounds.
            let afterReset = ["d": 100, "summed": 100, "system_x": 300, "h": 100, "s": 300]
            let reset = try send(3, 1, 2, 1)
            #expect(reset == afterReset)
            let again = try send(4, 2, 2, 2)
            #expect(again == afterReset)
        }
    }

    @Test("R-TYPE-10 R-TYPE-09 R-NAME-12 two scopes with one name share one TYPE, UNIT and HELP line")
    func oneFamilyOneHead() async throws {
        try await AppInProcess.run(Self.offered) { collector in
            for (scope, unit, help) in [("one", "s", "first"), ("two", "seconds", "second")] {
                let metric = DraftJSON.sum(
                    "c", metric: #""unit":"\#(unit)","description":"\#(help)","#,
                    #""asInt":"3","timeUnixNano":"\#(DraftJSON.seconds(10))""#)
                _ = try collector.post(
                    #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"\#(scope)"},"metrics":[\#(metric)]}]}]}"#)
            }
            #expect(
                try Self.lines(collector) == [
                    "# TYPE c_seconds counter", "# UNIT c_seconds seconds", "# HELP c_seconds first",
                    #"c_seconds_total{otel_scope_name="one"} 3.0"#, #"c_seconds_total{otel_scope_name="two"} 3.0"#,
                    "# EOF",
                ])
            #expect(
                try collector.scrapeText().split(separator: "\n").filter { $0.hasPrefix("#") } == [
                    "# HELP c_seconds_total first", "# TYPE c_seconds_total counter",
                ])
        }
    }

    @Test("R-LAB-07 series that differ only in an empty label are merged, and add up")
    func emptyLabelIsNone() async throws {
        try await AppInProcess.run(Self.offered) { collector in
            for (value, attributes) in [
                (1, ""), (10, DraftJSON.attribute("k", "")), (100, #"{"key":"k","value":{}}"#),
            ] {
                let fields = #""asInt":"\#(value)","timeUnixNano":"\#(DraftJSON.seconds(10))""#
                _ = try collector.post(
                    DraftJSON.export(DraftJSON.sum("c", fields + #","attributes":[\#(attributes)]"#)))
            }
            #expect(try Self.lines(collector).filter { $0.hasPrefix("c_") } == ["c_total 111.0"])
            #expect(try collector.scrape().samples.map(\.value) == [111])
        }
    }

    @Test("R-LAB-14 text that is not UTF-8 is refused everywhere, and not shown")
    func invalidTextIsRefused() async throws {
        try await AppInProcess.run(Self.offered) { collector in
            let good = DraftJSON.export(
                DraftJSON.sum(
                    "NAME", metric: #""unit":"UNIT","description":"HELP","#,
                    #""asInt":"1","attributes":[\#(DraftJSON.attribute("KEY", "VALUE"))]"#),
                resource: DraftJSON.attribute("host", "HOST"))
            for place in ["NAME", "UNIT", "HELP", "KEY", "VALUE", "HOST"] {
                let parts = good.split(separator: place, maxSplits: 1).map { Array($0.utf8) }
                for invalid in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0xAF]] as [[UInt8]] {
                    let reply = try collector.connect().exchange(
                        "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                        body: parts[0] + invalid + parts[1])
                    #expect(reply.status == 400, "\(place)")
                }
            }
            #expect(try collector.scrapeText() == "")
        }
    }

    @Test("R-TS-01 R-TS-02 samples have a time only if configured, in the unit of their format")
    func timestamps() async throws {
        for (exporter, text, openMetrics) in [
            ("", "c_total 3\n", "c_total 3.0"),
            ("    send_timestamps: true\n", "c_total 3 1700000010000\n", "c_total 3.0 1700000010"),
        ] {
            let configuration = TestConfiguration.collector(exporter: "    enable_open_metrics: true\n" + exporter)
            try await AppInProcess.run(configuration) { collector in
                _ = try collector.post(TestExport.sum("c", 3))
                #expect(try collector.scrapeText().hasSuffix(text))
                #expect(try Self.lines(collector).contains(openMetrics))
            }
        }
    }

    @Test("R-OM-19 unchanged series stay on the page")
    func unchangedStays() async throws {
        let clock = TestClock()
        try await AppInProcess.run(Self.offered, clock: clock) { collector in
            let start = 0
            _ = try collector.post(
                DraftJSON.export(
                    DraftJSON.sum("c", #""asInt":"3","timeUnixNano":"\#(DraftJSON.seconds(10))""#),
                    DraftJSON.histogram("h", bounds: [1], counts: [1, 1], start: start, time: 10)))
            var before: [String] = []
            for step in 0..<6 {
                // The gauge gets the same value repeatedly; the counter and the histogram get no points.
                _ = try collector.post(TestExport.gauge("g", 7, time: 10 + 240 * step))
                let lines = try Self.lines(collector)
                #expect(lines.contains("g 7.0") && lines.contains("c_total 3.0") && lines.contains("h_count 2"))
                if step > 0 { #expect(lines == before) }
                before = lines
                clock.advance(by: .seconds(240))
            }
            clock.advance(by: .seconds(365 * 86_400))
            let lines = try Self.lines(collector)
            #expect(lines.contains("c_total 3.0") && lines.contains("h_count 2"))
        }
    }

    @Test("R-OM-20 ten scrapers at once each get the whole page within a second", .timeLimit(.minutes(1)))
    func scrapersAtOnce() async throws {
        try await AppInProcess.run(Self.offered) { collector in
            for number in 0..<5 {
                _ = try collector.post(TestExport.manySeries("c", number * 1000..<(number + 1) * 1000))
            }
            let expected = try Self.page(collector, accept: Self.openMetrics).text
            #expect(expected.hasSuffix("# EOF\n") && expected.split(separator: "\n").count >= 5000)
            let clock = ContinuousClock()
            let times = try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let started = clock.now
                        let page = try Self.page(collector, accept: Self.openMetrics).text
                        #expect(page == expected)
                        return clock.now - started
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // A debug build on a busy machine is many times slower than a release; the best of ten counts.
            let fastest = try #require(times.min())
            #expect(fastest < .seconds(1))
        }
    }
}
