import Testing

/// Cases in which the Collector violates the protocol, with the expected answer.
@Suite struct GoldenHTTPTests {
    /// The page after all accepted requests of these cases: one gauge.
    private static let page = """
        # HELP g
        # TYPE g gauge
        g{job="svc",otel_scope_name="scope"} 1

        """

    /// If no request has a metric.
    private static let emptyPage = ""

    @Test("R-HTTP-02 R-HTTP-03 R-HTTP-04 R-HTTP-14 R-HTTP-15 media types")
    func contentTypes() async throws {
        let run = try await GoldenRun("http_content_types")
        #expect(
            run.statuses == [200, 200, 200, 200, 415, 415, 415, 415, 415, 200, 200, 200, 415, 400, 400])
        let types = [
            Array(repeating: "application/json", count: 9), ["application/x-protobuf", "application/x-protobuf"],
            ["application/protobuf"], ["application/json", "application/json"], ["application/x-protobuf"],
        ]
        #expect(run.replies.map { $0.header("Content-Type") ?? "" } == types.flatMap(\.self))
        #expect(run.refusalsAreStatuses)
        #expect(run.status(14)?.code == 3 && run.status(15)?.code == 3)
        #expect(run.page == Self.page)
    }

    @Test("R-HTTP-09 R-HTTP-14 R-JSON-18 empty bodies: as protobuf an empty export, as JSON malformed")
    func emptyBodies() async throws {
        let run = try await GoldenRun("http_empty_body")
        #expect(run.statuses == [400, 200, 400, 400, 400, 200])
        #expect(run.refusalsAreStatuses)
        #expect(run.page == Self.emptyPage)
    }

    @Test("R-HTTP-10 R-HTTP-11 R-HTTP-15 content codings")
    func contentCodings() async throws {
        let run = try await GoldenRun("http_encodings")
        // Raw deflate is accepted, since many clients mean that by «deflate»; «zstd» before plain bytes is damaged
        // zstd.
        #expect(
            run.statuses == [
                200, 200, 200, 200, 200, 415, 200, 200, 200, 200, 200, 415, 400, 400, 400, 400,
            ])
        #expect(run.refusalsAreStatuses)
        #expect(run.status(6)?.message.contains("snappy") == true)
        #expect(run.page == Self.page)
    }

    @Test("R-HTTP-14 R-JSON-17 R-JSON-18 malformed JSON is 400, trailing bytes and a byte-order mark too")
    func malformedJSON() async throws {
        let run = try await GoldenRun("http_malformed_json")
        // {"resourceMetrics":null} is an export without resources.
        let accepted = [9, 10]
        #expect(run.statuses == (1...17).map { accepted.contains($0) ? 200 : 400 })
        #expect(run.refusalsAreStatuses)
        #expect(run.replies.indices.allSatisfy { run.statuses[$0] == 200 || run.status($0 + 1)?.hasDetails == true })
        #expect(run.page == Self.emptyPage)
    }

    @Test("R-HTTP-15 R-HTTP-21 other methods get 405 with Allow and a Status")
    func methods() async throws {
        let run = try await GoldenRun("http_methods")
        #expect(run.statuses == Array(repeating: 405, count: 6))
        #expect(run.replies.allSatisfy { $0.header("Allow") == "POST" })
        // The second request is a HEAD, whose reply has no body.
        let messages = [1, 3, 4, 5, 6].map { run.status($0)?.message ?? "" }
        #expect(messages.allSatisfy { $0.contains("POST") })
        #expect(run.page == Self.emptyPage)
    }

    @Test("R-HTTP-01 R-HTTP-21 R-HTTP-28 signals without a pipeline get 404 with a Status")
    func otherSignals() async throws {
        let run = try await GoldenRun("http_other_signals")
        #expect(run.statuses == [404, 404, 404, 404])
        #expect(run.refusalsAreStatuses)
        let signals = ["logs", "traces", "profiles", "logs"]
        #expect(zip(1..., signals).allSatisfy { run.status($0)?.message.contains($1) == true })
        #expect(run.replies[3].header("Content-Type") == "application/x-protobuf")
        #expect(run.page == Self.emptyPage)
    }

    @Test(
        "R-HTTP-12 R-HTTP-13 R-HTTP-24 a body above max_request_body_size is 413: by length, chunked, decompressed")
    func oversized() async throws {
        let json = Self.gauges(bytes: 51_766)
        let protobuf = [UInt8](repeating: 0, count: 6539)
        let run = try await GoldenRun("http_oversized", bodies: [1: json, 2: protobuf, 3: json])
        #expect(run.statuses == [413, 413, 413, 413, 413, 413, 200])
        #expect(run.refusalsAreStatuses)
        #expect([1, 2, 3, 4, 5, 6].allSatisfy { run.status($0)?.message.contains("4096") == true })
        #expect(run.page == Self.page)
    }

    @Test("R-HTTP-12 by default 20 MiB are accepted and one byte more is not")
    func oversizedByDefault() async throws {
        let limit = 20 << 20
        let inflated = compressed(Self.gauges(bytes: 30_000_000), windowBits: 31)
        let run = try await GoldenRun(
            "http_oversized_default",
            bodies: [1: Self.gauges(bytes: limit + 1), 2: Self.gauges(bytes: limit), 3: inflated])
        #expect(run.statuses == [413, 200, 413])
        #expect(run.refusalsAreStatuses)
        #expect(run.page == Self.page)
    }

    @Test("R-HTTP-21 other paths get 404 with a Status that names the right one, and no redirect")
    func paths() async throws {
        let run = try await GoldenRun("http_paths")
        #expect(run.statuses == [404, 404, 404, 200, 404, 404, 404, 404, 404])
        #expect(run.refusalsAreStatuses)
        #expect([1, 2, 3, 5, 6, 7, 8, 9].allSatisfy { run.status($0)?.message.contains("/v1/metrics") == true })
        #expect(run.page == Self.page)
    }

    /// An export of one gauge, brought to a length by spaces.
    private static func gauges(bytes: Int) -> [UInt8] {
        let export = """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},\
            "scopeMetrics":[{"scope":{"name":"scope"},"metrics":[{"name":"g","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}
            """
        return Array(export.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: bytes - export.utf8.count)
    }
}
