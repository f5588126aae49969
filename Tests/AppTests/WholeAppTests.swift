import Testing

/// The protocol, from a socket to the page.
@Suite struct WholeAppTests {
    private static let json = [("Content-Type", "application/json")]

    /// With discarding pipelines for logs and traces, as in the embedded default, and without event metrics.
    private static let allSignals = """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}, nop: {}}
        service:
          telemetry: {metrics: {level: none}}
          pipelines:
            metrics: {receivers: [otlp], exporters: [prometheus]}
            logs: {receivers: [otlp], exporters: [nop]}
            traces: {receivers: [otlp], exporters: [nop]}
        odometer: {events: {enabled: false}}
        """

    @Test("R-HTTP-01 R-HTTP-08 logs and traces without a forwarding exporter get 200 with a warning")
    func discardedSignals() async throws {
        let capture = try CaptureFixture("json-traces")
        let exports = try capture.exports { !$0.contains("metrics") }
        #expect(exports.map(\.path) == ["/v1/traces", "/v1/logs"])
        try await AppInProcess.run(Self.allSignals) { collector in
            for export in exports {
                let reply = try collector.connect().exchange(export)
                #expect(reply.status == 200)
                let warning = try #require(try OTLPAnswer.partialSuccess(of: reply))
                #expect(warning.rejected == 0)
                #expect(warning.message.contains("not forwarded"))
            }
            let empty = try collector.connect().exchange(
                "POST", "/v1/logs", headers: [("Content-Type", "application/x-protobuf")], body: [])
            #expect(try OTLPAnswer.partialSuccess(of: empty)?.rejected == 0)
            #expect(try collector.scrapeText() == "")
        }
    }

    @Test("R-HTTP-05 R-HTTP-06 full success is an empty response in the encoding of the request")
    func fullSuccess() async throws {
        try await AppInProcess.run { collector in
            let json = try collector.post(TestExport.sum("c", 1))
            #expect(json.text == "{}")
            #expect(json.header("Content-Type") == "application/json")
            let protobuf = try collector.connect().exchange(
                try #require(try CaptureFixture("metrics-only").metricsExports.first))
            #expect(protobuf.status == 200)
            #expect(protobuf.body == [])
            #expect(protobuf.header("Content-Type") == "application/x-protobuf")
        }
    }

    @Test("R-HTTP-23 pipelined requests are answered in their order, on one connection")
    func pipelining() async throws {
        try await AppInProcess.run { collector in
            let client = try collector.connect()
            var sent: [UInt8] = []
            for number in 0..<100 {
                let body = number % 10 == 9 ? "{" : TestExport.sum("c", 1, start: number, time: number + 1)
                sent += HTTPClient.request("POST", "/v1/metrics", headers: Self.json, body: Array(body.utf8))
            }
            try client.send(sent)
            let statuses = try (0..<100).map { _ in try client.reply().status }
            #expect(statuses == (0..<100).map { $0 % 10 == 9 ? 400 : 200 })
            #expect(try collector.scrape()["c_total", [:]] == 90)
        }
    }

    @Test("R-HTTP-23 R-OM-20 many connections export and scrape in parallel; no point is lost and no total falls")
    func concurrency() async throws {
        try await AppInProcess.run { collector in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        let connection = try collector.connect()
                        for number in 0..<25 {
                            let body = TestExport.sum(
                                "c", 1, start: number, time: number + 1, attributes: ["client": "\(client)"])
                            let reply = try connection.exchange(
                                "POST", "/v1/metrics", headers: Self.json, body: Array(body.utf8))
                            #expect(reply.status == 200)
                        }
                    }
                }
                group.addTask {
                    var last = 0.0
                    for _ in 0..<50 {
                        let total = try collector.scrape().total(of: "c_total") ?? 0
                        #expect(total >= last)
                        last = total
                    }
                }
                try await group.waitForAll()
            }
            #expect(try collector.scrape().total(of: "c_total") == 200)
        }
    }

    @Test("R-HTTP-24 R-HTTP-29 chunked bodies and unknown headers have no effect")
    func chunkedBody() async throws {
        try await AppInProcess.run { collector in
            let strange = [("User-Agent", ""), ("X-\u{21}", "a,b;c=\"d\""), ("Traceparent", "00-zz")]
            let reply = try collector.connect().exchange(
                "POST", "/v1/metrics", headers: Self.json + strange, body: Array(TestExport.sum("c", 3).utf8),
                isChunked: true)
            #expect(reply.status == 200)
            #expect(try collector.scrape()["c_total", [:]] == 3)
        }
    }

    @Test("R-HTTP-25 a client that expects 100-continue gets it, or is refused before its body")
    func expectation() async throws {
        try await AppInProcess.run { collector in
            let body = Array(TestExport.sum("c", 3).utf8)
            let head = "Host: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n"
            let client = try collector.connect()
            try client.send("POST /v1/metrics HTTP/1.1\r\n\(head)Content-Length: \(body.count)\r\n\r\n")
            #expect(try client.reply(takingInterim: true).status == 100)
            try client.send(body)
            #expect(try client.reply().status == 200)
            let refused = try collector.connect()
            try refused.send("POST /v1/metrics HTTP/1.1\r\n\(head)Content-Length: 99000000\r\n\r\n")
            #expect(try refused.reply(takingInterim: true).status == 413)
            #expect(try collector.scrape()["c_total", [:]] == 3)
        }
    }

    @Test("R-HTTP-30 a client that disconnects within a body has counted nothing")
    func disconnection() async throws {
        try await AppInProcess.run { collector in
            let request = HTTPClient.request(
                "POST", "/v1/metrics", headers: Self.json, body: Array(TestExport.sum("c", 3).utf8))
            for length in [request.count - 1, request.count / 2] {
                let client = try collector.connect()
                try client.send(Array(request.prefix(length)))
                client.finishSending()
                // With or without a 400, but never 200.
                let reply = try? client.reply()
                #expect(reply?.status ?? 400 == 400)
            }
            #expect(try collector.scrapeText() == "")
        }
    }

    @Test("R-HTTP-14 a request malformed at its end counts nothing")
    func malformedEnd() async throws {
        let capture = try CaptureFixture("session-pb-delta")
        let first = try #require(try capture.metricsExports.first)
        try await AppInProcess.run { collector in
            // An incomplete metric after a whole export.
            let reply = try collector.connect().exchange(
                "POST", first.path, headers: first.headers, body: first.body + [0x0A, 0x7F])
            #expect(reply.status == 400)
            #expect(try collector.scrapeText() == "")
            #expect(try collector.connect().exchange(first).status == 200)
            #expect(try !collector.scrape().samples.isEmpty)
        }
    }

    @Test("R-NEG-10 R-TXT-01 R-NEG-09 the page answers GET and HEAD, with gzip if requested, other methods get 405")
    func page() async throws {
        try await AppInProcess.run { collector in
            _ = try collector.post(TestExport.sum("c", 3))
            let client = try HTTPClient(port: collector.metricsPort)
            let plain = try client.exchange("GET", "/metrics?name[]=x")
            #expect(plain.status == 200)
            #expect(plain.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let head = try client.exchange("HEAD", "/metrics")
            #expect(head.status == 200 && head.body.isEmpty)
            let zipped = try client.exchange("GET", "/metrics", headers: [("Accept-Encoding", "br, gzip;q=0.5")])
            #expect(zipped.header("Content-Encoding") == "gzip")
            #expect(gunzipped(zipped.body) == plain.body)
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                let reply = try client.exchange(method, "/metrics")
                #expect(reply.status == 405)
                #expect(reply.header("Allow") == "GET, HEAD")
            }
            #expect(try client.exchange("GET", "/").status == 404)
        }
    }
}
