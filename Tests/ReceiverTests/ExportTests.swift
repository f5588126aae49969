import NIOCore
import NIOPosix
import OTLP
import Receiver
import Server
import Settings
import Testing

@Suite struct ExportTests {
    /// Both encodings, as clients name them.
    static let types = ["application/x-protobuf", "application/json"]

    @Test("R-HTTP-01 all three signals are accepted at their paths", arguments: types)
    func signalsAreTakenAtTheirPaths(type: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink, records: sink) { listener in
            let client = try RawClient(port: listener.port)
            for path in ["/v1/metrics", "/v1/logs", "/v1/traces", "/v1/metrics?x=1", "http://host:4318/v1/metrics"] {
                #expect(try client.exchange("POST", path, type: type, body: [1, 2, 3]).status == 200)
            }
            #expect(sink.exports.count == 5)
        }
    }

    @Test("R-HTTP-02 R-HTTP-03 protobuf and JSON share the port and get the same answers")
    func encodingsShareThePort() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for type in Self.types {
                #expect(try client.exchange(type: type, body: Array(type.utf8))["content-type"] == type)
            }
            #expect(sink.exports.map(\.encoding) == [.protobuf, .json])
            #expect(sink.exports.map(\.body) == Self.types.map { Array($0.utf8) })
        }
    }

    @Test(
        "R-HTTP-04 parameters and letter case of the media type do not matter",
        arguments: [
            ("application/json", WireEncoding.json), ("application/json; charset=utf-8", .json),
            ("APPLICATION/JSON", .json), ("application/json;", .json), ("Application/Json ;x=y;z", .json),
            ("application/x-protobuf", .protobuf), ("application/x-protobuf; v=1", .protobuf),
            ("Application/X-Protobuf", .protobuf), ("application/protobuf", .protobuf),
        ])
    func mediaTypeIsReadLoosely(type: String, encoding: WireEncoding) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(type: type, body: [7])
            #expect(response.status == 200)
            #expect(response["content-type"]?.contains(encoding == .json ? "json" : "protobuf") == true)
            #expect(sink.exports == [.init(body: [7], encoding: encoding)])
        }
    }

    @Test("R-HTTP-05 R-HTTP-06 success is an empty message: zero bytes, or {}")
    func successIsAnEmptyMessage() async throws {
        try await withReceiver { listener in
            let client = try RawClient(port: listener.port)
            let protobuf = try client.exchange(body: [1])
            #expect(protobuf.body == [])
            #expect(protobuf["content-length"] == "0")
            #expect(try client.exchange(type: "application/json", body: [1]).text == "{}")
        }
    }

    @Test("R-HTTP-07 partial success reports how many points were rejected and why")
    func partialAcceptanceIsTold() async throws {
        let sink = RecordingSink { _ in .success(PartialSuccess(rejectedCount: 2, message: "bad \"points\"")) }
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let json = try client.exchange(type: "application/json")
            #expect(json.status == 200)
            #expect(json.text == #"{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"bad \"points\""}}"#)
            let protobuf = try client.exchange()
            #expect(protobuf.status == 200)
            let partial = try #require(ProtobufFields(protobuf.body)?.texts[1]?.first.flatMap { ProtobufFields($0) })
            #expect(partial.numbers[1] == 2)
            #expect(partial.texts[2] == [Array("bad \"points\"".utf8)])
        }
    }

    @Test("R-HTTP-08 a warning has a message and nothing rejected", arguments: types)
    func warningIsTold(type: String) async throws {
        let sink = RecordingSink { _ in .success(PartialSuccess(message: "careful")) }
        try await withReceiver(sink: sink, records: sink) { listener in
            let client = try RawClient(port: listener.port)
            for path in ["/v1/metrics", "/v1/logs", "/v1/traces"] {
                let response = try client.exchange("POST", path, type: type, body: [1])
                #expect(response.status == 200)
                #expect(response.text.contains("careful"))
                #expect(!response.text.contains("rejected"))
                if type != "application/json" {
                    let partial = ProtobufFields(response.body)?.texts[1]?.first.flatMap { ProtobufFields($0) }
                    #expect(partial != nil && partial?.numbers[1] == nil)
                }
            }
            #expect(sink.exports.count == 3)
        }
    }

    @Test("R-HTTP-07 rejections are reported in the field of the signal")
    func rejectionIsToldBySignal() async throws {
        let sink = RecordingSink { _ in .success(PartialSuccess(rejectedCount: 2, message: "m")) }
        try await withReceiver(sink: sink, records: sink) { listener in
            let client = try RawClient(port: listener.port)
            let fields = ["metrics": "rejectedDataPoints", "logs": "rejectedLogRecords", "traces": "rejectedSpans"]
            for (signal, field) in fields {
                let response = try client.exchange("POST", "/v1/\(signal)", type: "application/json", body: [1])
                #expect(response.text.contains("\"\(field)\""))
            }
        }
    }

    @Test(
        "R-HTTP-09 an empty request reaches the sink and succeeds",
        arguments: ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\r\n"])
    func emptyRequestSucceeds(framing: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(
                "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-protobuf\r\n" + framing)
            #expect(try client.response().status == 200)
            #expect(sink.exports == [.init(body: [], encoding: .protobuf)])
        }
    }

    @Test(
        "R-HTTP-10 R-HTTP-11 gzip, deflate and zlib bodies are decompressed, in any letter case of the coding",
        arguments: [
            ("gzip", Int32(31)), ("GZIP", 31), ("x-gzip", 31), ("deflate", 15), ("deflate", -15), ("zlib", 15),
            ("gzip, identity", 31),
        ])
    func codedBodiesArrivePlain(coding: (String, Int32)) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let plain = Array(String(repeating: "claude_code.token.usage", count: 100).utf8)
            let response = try client.exchange(
                headers: ["Content-Encoding: \(coding.0)"], body: compressed(plain, windowBits: coding.1))
            #expect(response.status == 200)
            #expect(sink.exports.map(\.body) == [plain])
        }
    }

    @Test("R-HTTP-10 identity and no coding at all are the same")
    func identityIsNoCoding() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for headers in [[], ["Content-Encoding: identity"], ["Content-Encoding: Identity"], ["Content-Encoding:"]] {
                #expect(try client.exchange(headers: headers, body: [1, 2]).status == 200)
            }
            #expect(sink.exports.map(\.body) == [[1, 2], [1, 2], [1, 2], [1, 2]])
        }
    }

    @Test("R-HTTP-22 the paths are configurable, each on its own")
    func pathsAreConfigurable() async throws {
        let sink = RecordingSink()
        let settings = OTLPHTTPSettings {
            $0.metricsURLPath = "/api/otlp/metrics"
            $0.logsURLPath = "/logs"
        }
        try await withReceiver(settings, sink: sink, records: sink) { listener in
            let client = try RawClient(port: listener.port)
            for path in ["/api/otlp/metrics", "/logs", "/v1/traces"] {
                #expect(try client.exchange("POST", path).status == 200)
            }
            for path in ["/v1/metrics", "/v1/logs"] { #expect(try client.exchange("POST", path).status == 404) }
            #expect(try client.exchange("POST", "/v1/metrics").text.contains("/api/otlp/metrics"))
        }
    }

    @Test("R-HTTP-23 one connection can send many exports, also pipelined, and others at the same time")
    func connectionsTakeManyExports() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let clients = try (0..<4).map { _ in try RawClient(port: listener.port) }
            let request = { (number: UInt8) in
                Array(
                    "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n"
                        .utf8)
                    + [number]
            }
            for (number, client) in clients.enumerated() {
                try client.send((0..<10).flatMap { request(UInt8(number * 10 + $0)) })
            }
            for client in clients {
                for _ in 0..<10 { #expect(try client.response().text == "{}") }
            }
            for number in 0..<4 {
                let own = sink.exports.map { Int($0.body[0]) }.filter { $0 / 10 == number }
                #expect(own == Array(number * 10..<number * 10 + 10))
            }
        }
    }

    @Test("R-HTTP-24 chunked bodies are accepted, also byte by byte", arguments: [1, 1000])
    func chunkedBodiesAreTaken(chunkBytes: Int) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let body = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
            try client.send(
                "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for start in stride(from: 0, to: body.count, by: chunkBytes) {
                let chunk = body[start..<min(body.count, start + chunkBytes)]
                try client.send(Array(String(chunk.count, radix: 16).utf8) + [13, 10] + chunk + [13, 10])
            }
            try client.send("0\r\n\r\n")
            #expect(try client.response().text == "{}")
            #expect(sink.exports.map(\.body) == [body])
        }
    }

    @Test("R-HTTP-25 Expect: 100-continue is answered with 100, or at once with the refusal")
    func expectIsAnswered() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let head =
                "HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            try client.send("POST /v1/metrics " + head)
            #expect(try client.response().status == 100)
            try client.send("{}")
            #expect(try client.response().status == 200)
            try client.send("POST /v1/nothing " + head)
            #expect(try client.response().status == 404)
            #expect(sink.exports.count == 1)
        }
    }

    @Test("R-HTTP-26 the default port is 4318")
    func defaultPortIs4318() async throws {
        let settings = ListenerSettings(name: "otlp_http", host: "127.0.0.1", port: OTLPHTTPSettings.defaultPort)
        do throws(ListenError) {
            let listener = try await HTTPListener.start(
                settings, on: MultiThreadedEventLoopGroup.singleton,
                service: OTLPHTTPService(sinks: SignalSinks(metrics: RecordingSink())))
            #expect(listener.port == 4318)
            _ = listener.drain(until: .now())
        } catch {
            // If another process uses the port, the error names it.
            #expect(error == .portInUse(host: "127.0.0.1", port: 4318))
        }
    }

    @Test(
        "R-HTTP-29 unknown headers and the User-Agent do not matter",
        arguments: [
            "User-Agent: curl/8", "User-Agent:", "X-Scope-OrgID: 1", "Accept: application/x-protobuf",
            "Accept: text/html",
            "Accept-Encoding: gzip", "Origin: http://localhost:3000", "Authorization: Bearer x", "Expect: something",
            "TE: trailers", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "If-None-Match: *",
        ])
    func otherHeadersDoNotMatter(header: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(type: "application/json", headers: [header], body: [1])
            #expect(response.status == 200)
            #expect(response["content-type"] == "application/json")
            #expect(response.text == "{}")
            #expect(sink.exports == [.init(body: [1], encoding: .json)])
        }
    }

    @Test("R-HTTP-30 a client that disconnects within a body leaves no state", arguments: [0, 1, 99])
    func disconnectLeavesNothing(sentBytes: Int) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            do {
                let client = try RawClient(port: listener.port)
                try client.send(
                    "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
                )
                try client.send([UInt8](repeating: 1, count: sentBytes))
                #expect(await eventually { listener.openConnections == 1 })
            }
            #expect(await eventually { listener.openConnections == 0 })
            #expect(sink.exports.isEmpty)
        }
    }
}
