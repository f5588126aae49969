import Testing

extension ProcessTests {
    /// The samples of a real Prometheus. It must be installed: without it these tests fail.
    @Suite struct PrometheusTests {
        @Test(
            "R-TXT-01 R-TXT-04 R-TXT-10 the totals in Prometheus are those of the recorded run, promtool parses the page",
            arguments: ["session-pb-delta", "parallel-no-session-id", "resume"])
        func totalsArriveInPrometheus(name: String) async throws {
            let capture = try CaptureFixture(name)
            try await blocking {
                let odometer = try OdometerProgram()
                let prometheus = try PrometheusServer(scraping: odometer.metricsPort)
                // It answers 503 until it is ready. After its second scrape the interval is known.
                let isScraped = wait(within: .seconds(30)) {
                    (try? prometheus.query("count_over_time(up[1m]) >= 2").count) == 1
                }
                #expect(isScraped, "\(prometheus.program.standardError)")
                let client = try odometer.connect()
                for export in try capture.metricsExports {
                    #expect(try client.exchange(export).status == 200)
                }
                var differences: [String] = []
                _ = try wait(within: .seconds(30)) {
                    differences = capture.differences(from: try prometheus.query(#"{__name__=~".+_total"}"#))
                    return differences.isEmpty
                }
                #expect(differences == [])
                // Labels added by Prometheus double nothing.
                #expect(try prometheus.query("count(up)").map(\.value) == [1])
                let verdict = try Promtool.check(odometer.scrapeReply().body)
                #expect(verdict.status == 0 || verdict.status == 3, "\(verdict.messages)")
                #expect(prometheus.program.stop() == .exited(0))
                #expect(odometer.program.stop() == .exited(0))
            }
        }

        @Test("R-TXT-05 promtool parses a page with all kinds of values and names")
        func promtoolTakesOddPages() async throws {
            for name in ["gauge_numbers", "name_characters", "name_help_text", "attr_value_types", "label_names"] {
                let golden = try GoldenCase(name)
                let page = try await AppInProcess.run(golden.configuration) { collector in
                    for request in golden.requests {
                        let reply = try HTTPClient.exchange(
                            port: collector.otlpPort, request.method, request.path,
                            headers: request.headers.map { ($0, $1) }, body: try golden.body(of: request))
                        #expect(reply.status == 200)
                    }
                    return try collector.scrapeText()
                }
                let verdict = try Promtool.check(Array(page.utf8))
                #expect(verdict.status == 0 || verdict.status == 3, "\(name): \(verdict.messages)")
                #expect(!verdict.messages.contains("error while linting"), "\(name): \(verdict.messages)")
            }
        }

        @Test(
            "R-OM-22 R-PBX-04 no export makes Prometheus refuse the page", .timeLimit(.minutes(3)),
            arguments: [[], ["native-histograms", "exemplar-storage"]])
        func hostileExportsAreTaken(features: [String]) async throws {
            try await blocking {
                let odometer = try OdometerProgram()
                let prometheus = try PrometheusServer(scraping: odometer.metricsPort, features: features)
                // Its interval is known then, and new counters are 0 only briefly.
                let isScraped = wait(within: .seconds(30)) {
                    (try? prometheus.query("count_over_time(up[1m]) >= 2").count) == 1
                }
                #expect(isScraped, "\(prometheus.program.standardError)")
                let client = try odometer.connect()
                // An exemplar with a NUL, which ends the page for the lexer of Prometheus.
                let point =
                    #"{"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"1","exemplars":[{"asDouble":1,"timeUnixNano":"2","#
                    + #""filteredAttributes":[{"key":"x","value":{"stringValue":"a\u0000b"}}]}]}"#
                let sum = #"{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[\#(point)]}"#
                func send(_ body: [UInt8], _ type: String) throws {
                    let headers = [("Content-Type", "application/\(type)")]
                    #expect(try client.exchange("POST", "/v1/metrics", headers: headers, body: body).status == 200)
                }
                let metric = #"{"name":"nul","sum":\#(sum)}"#
                try send(
                    Array(#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(metric)]}]}]}"#.utf8), "json")
                var exports = HostileExport(random: SeededRandom(seed: 13), now: TestExport.epoch)
                for _ in 0..<30 { try send(exports.next(), "x-protobuf") }
                try send(Array(TestExport.sum("sent.last", 7).utf8), "json")
                // The last export is on the page only if the whole page was read.
                let hasArrived = wait(within: .seconds(60)) {
                    (try? prometheus.query("sent_last_total").map(\.value)) == [7]
                }
                #expect(hasArrived, "\(prometheus.program.standardError)")
                #expect(try prometheus.query("nul_total").map(\.value) == [1])
                let page = try odometer.scrapeReply().body
                let verdict = try Promtool.check(page)
                #expect(verdict.status != 1 && !verdict.messages.contains("error while linting"), "\(verdict.messages)")
                #expect(prometheus.program.stop() == .exited(0))
                #expect(odometer.program.stop() == .exited(0))
            }
        }

        @Test("promtool detects a broken page")
        func promtoolNoticesFaults() throws {
            for broken in ["g{a=\"1\",a=\"2\"} x\n", "g 1\ng 1 1 1\n", "1g 1\n"] {
                #expect(try Promtool.check(Array(broken.utf8)).status == 1, "\(broken)")
            }
        }
    }
}
