import NIOCore
import OTLP
import Receiver
import Server
import Settings
import Testing

@Suite struct RefusalTests {
    static let types = ["application/x-protobuf", "application/protobuf", "application/json"]

    @Test(
        "R-HTTP-11 R-HTTP-15 unknown content codings are a 415 with a status that names them",
        arguments: ["snappy", "lz4", "br", "gzip, br", "gzip,gzip,gzip"])
    func unknownCodingIsA415(coding: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for type in Self.types {
                let response = try client.exchange(type: type, headers: ["Content-Encoding: \(coding)"], body: [1])
                #expect(response.status == 415)
                let status = try #require(StatusBody(response))
                #expect(status.code == 3)
                #expect(status.message.contains(coding.contains("br") ? "br" : coding))
                #expect(response["content-type"] == type)
            }
            #expect(sink.exports.isEmpty)
        }
    }

    @Test(
        "R-HTTP-12 R-HTTP-15 a body beyond the limit is a 413: by length, in chunks, decompressed; the limit itself passes"
    )
    func largeBodyIsA413() async throws {
        let sink = RecordingSink()
        try await withReceiver(OTLPHTTPSettings { $0.maxRequestBodySize = 4096 }, sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let fits = [UInt8](repeating: 1, count: 4096)
            let large = fits + [1]
            let gzip = ["Content-Encoding: gzip"]
            for type in Self.types {
                #expect(try client.exchange(type: type, body: fits).status == 200)
                #expect(
                    try client.exchange(type: type, headers: gzip, body: compressed(fits, windowBits: 31)).status == 200
                )
                let refused = [
                    try client.exchange(type: type, body: large),
                    try client.exchange(type: type, headers: gzip, body: compressed(large, windowBits: 31)),
                ]
                for response in refused {
                    #expect(response.status == 413)
                    let status = try #require(StatusBody(response))
                    #expect(status.code == 8)
                    #expect(status.message.contains("4096 bytes (max_request_body_size)"))
                }
                let chunked = try RawClient(port: listener.port)
                try chunked.send(
                    "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n"
                )
                try chunked.send(large)
                #expect(try chunked.response().status == 413)
            }
            #expect(sink.exports.count == 6)
        }
    }

    @Test("R-HTTP-12 the default limit is 20 MiB, and exactly that passes")
    func defaultLimitIs20MiB() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let body = [UInt8](repeating: 0x20, count: 20 << 20)
            #expect(try client.exchange(type: "application/json", body: body).status == 200)
            try client.send(
                "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: \((20 << 20) + 1)\r\n\r\n"
            )
            #expect(try client.response().status == 413)
            #expect(sink.exports.map(\.body.count) == [20 << 20])
        }
    }

    @Test("R-HTTP-12 the limit holds for signals that are discarded too")
    func discardedBodyIsBounded() async throws {
        try await withReceiver(OTLPHTTPSettings { $0.maxRequestBodySize = 10 }, records: RecordingSink()) { listener in
            let client = try RawClient(port: listener.port)
            #expect(try client.exchange("POST", "/v1/logs", body: [UInt8](repeating: 1, count: 11)).status == 413)
        }
    }

    @Test("R-HTTP-13 a decompression bomb is a 413 before it is decompressed")
    func bombIsA413() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(headers: ["Content-Encoding: gzip"], body: bomb(inflatingTo: 256 << 20))
            #expect(response.status == 413)
            #expect(sink.exports.isEmpty)
        }
    }

    @Test("R-HTTP-14 R-HTTP-16 an export that cannot be decoded is a 400 with a BadRequest", arguments: types)
    func malformedExportIsA400(type: String) async throws {
        let sink = RecordingSink { _ in .failure(.malformed("unexpected end in ResourceMetrics, byte 7")) }
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(type: type, body: [0xFF])
            #expect(response.status == 400)
            let status = try #require(StatusBody(response))
            #expect(status.code == 3)
            #expect(status.message == "unexpected end in ResourceMetrics, byte 7")
            #expect(status.details == ["type.googleapis.com/google.rpc.BadRequest"])
        }
    }

    @Test("R-HTTP-14 a body that cannot be decompressed is a 400", arguments: types)
    func damagedBodyIsA400(type: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for body in [Array("plain".utf8), [], Array(compressed([1, 2, 3], windowBits: 31).dropLast())] {
                let response = try client.exchange(type: type, headers: ["Content-Encoding: gzip"], body: body)
                #expect(response.status == 400)
                #expect(StatusBody(response)?.code == 3)
            }
            #expect(sink.exports.isEmpty)
        }
    }

    @Test("R-HTTP-15 every refusal has a status in the encoding of the request", arguments: types)
    func refusalsHaveAStatus(type: String) async throws {
        let sink = RecordingSink { body in
            switch body.first {
            case 1: .failure(.malformed("m"))
            case 2: .failure(.tooLarge("t"))
            default: .failure(.unavailable("u", retryAfterSeconds: 3))
            }
        }
        let limits = ServerLimits {
            $0.maxHeadSize = 1024
            $0.bodyTimeout = .milliseconds(80)
        }
        try await withReceiver(sink: sink, limits: limits) { listener in
            let client = try RawClient(port: listener.port)
            let refusals: [(RawResponse, Int, Int)] = [
                (try client.exchange(type: type, body: [1]), 400, 3),
                (try client.exchange(type: type, body: [2]), 413, 8),
                (try client.exchange(type: type, body: [3]), 503, 14),
                (try client.exchange("POST", "/nothing", type: type), 404, 5),
                (try client.exchange("PUT", "/v1/metrics", type: type), 405, 12),
                (try client.exchange("POST", "/v1/logs", type: type), 404, 5),
                (try client.exchange(type: type, headers: ["Content-Encoding: br"]), 415, 3),
            ]
            for (response, httpStatus, code) in refusals {
                #expect(response.status == httpStatus)
                let status = try #require(StatusBody(response))
                #expect(status.code == code)
                #expect(!status.message.isEmpty)
                #expect(response["content-type"] == type)
            }
            try client.send(
                "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: \(type)\r\nContent-Length: 5\r\n\r\nab")
            let late = try client.response()
            #expect(late.status == 408)
            #expect(StatusBody(late)?.code == 4)
        }
    }

    @Test(
        "R-HTTP-15 without a known media type the status is JSON",
        arguments: [
            "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
            "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
            "not http\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ])
    func statusIsJSONWhenNothingElseIsKnown(request: String) async throws {
        try await withReceiver { listener in
            let client = try RawClient(port: listener.port)
            try client.send(request)
            let response = try client.response()
            #expect([400, 415, 431].contains(response.status))
            #expect(response["content-type"] == "application/json")
            #expect(StatusBody(response)?.message.isEmpty == false)
        }
    }

    @Test(
        "R-HTTP-17 R-HTTP-18 overload is a 503 with Retry-After, a permanent failure another status", arguments: types)
    func overloadIsRetryable(type: String) async throws {
        let sink = RecordingSink { body in
            .failure(.unavailable("the journal is full", retryAfterSeconds: body.isEmpty ? 0 : 30))
        }
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for (body, seconds) in [([UInt8](), "1"), ([1], "30")] {
                let response = try client.exchange(type: type, body: body)
                #expect(response.status == 503)
                #expect(response["retry-after"] == seconds)
                #expect(StatusBody(response)?.message == "the journal is full")
            }
            for path in ["/v1/logs", "/other"] {
                let response = try client.exchange("POST", path, type: type)
                #expect(![429, 502, 503, 504].contains(response.status))
                #expect(response["retry-after"] == nil)
            }
        }
    }

    @Test("R-HTTP-19 all messages are cut to their limit", arguments: types)
    func messagesAreBounded(type: String) async throws {
        let long = String(repeating: "\u{1}ä", count: 1 << 20)
        let sink = RecordingSink { body in
            body.isEmpty ? .success(PartialSuccess(rejectedCount: 1, message: long)) : .failure(.malformed(long))
        }
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for body in [[], [UInt8(1)]] {
                let response = try client.exchange(type: type, body: body)
                #expect(response.body.count > 1000)
                #expect(response.body.count < 64 << 10)
            }
            let path = try client.exchange("POST", "/" + String(repeating: "x", count: 10_000), type: type)
            #expect(path.status == 404)
            #expect(path.body.count < 2000)
        }
    }

    @Test("R-HTTP-20 a request for a gzip response is ignored")
    func responsesAreNotCompressed() async throws {
        try await withReceiver { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(type: "application/json", headers: ["Accept-Encoding: gzip"])
            #expect(response.text == "{}")
            #expect(response["content-encoding"] == nil)
        }
    }

    @Test(
        "R-HTTP-21 another method is a 405 that names POST",
        arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
    func otherMethodIsA405(method: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(method, "/v1/metrics", type: "application/json")
            #expect(response.status == 405)
            #expect(response["allow"] == "POST")
            #expect(response["content-type"] == "application/json")
            if method == "HEAD" { #expect(response.body.isEmpty) } else { #expect(StatusBody(response)?.code == 12) }
            #expect(try client.exchange(body: [1]).status == 200)
        }
    }

    @Test(
        "R-HTTP-21 another media type, or none, is a 415",
        arguments: [
            "text/json", "text/plain", "", nil, "application/x-www-form-urlencoded", "application/octet-stream", "json",
            "application/jsonx", "application/x-protobuf-x",
        ])
    func otherMediaTypeIsA415(type: String?) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange(type: type, body: [1])
            #expect(response.status == 415)
            #expect(StatusBody(response)?.message.contains("application/x-protobuf or application/json") == true)
            #expect(sink.exports.isEmpty)
        }
    }

    @Test(
        "R-HTTP-21 another path is a 404 that names the right one, never a redirect",
        arguments: [
            ("/", "/v1/metrics"), ("/v1/metrics/", "exactly /v1/metrics"), ("/v1/metric", "metrics to /v1/metrics"),
            ("//v1/metrics", "exactly /v1/metrics"), ("/v1/Metrics", "exactly /v1/metrics"),
            ("/metrics", "the page for Prometheus"), ("/v1/../v1/metrics", "send metrics to /v1/metrics"),
            ("/opentelemetry/v1/metrics", "without \"/opentelemetry\""),
            ("/v1/metrics/v1/metrics", "the path is doubled: send metrics to /v1/metrics"),
            ("/v1/traces/v1/metrics", "the path is doubled: send metrics to /v1/metrics"),
            ("/v1/metrics/v1/logs", "the path is doubled: send logs to /v1/logs"), ("/api/v1/write", "/v1/metrics"),
            ("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "gRPC"),
            ("http://host/nothing", "/v1/metrics"), ("HTTP://host", "the endpoint lacks the path"),
        ])
    func otherPathIsA404(path: String, advice: String) async throws {
        let sink = RecordingSink()
        try await withReceiver(sink: sink) { listener in
            let client = try RawClient(port: listener.port)
            for type in Self.types {
                let response = try client.exchange("POST", path, type: type, body: [1])
                #expect(response.status == 404)
                #expect(response["location"] == nil)
                let status = try #require(StatusBody(response))
                #expect(status.code == 5)
                #expect(status.message.contains(advice))
            }
            #expect(sink.exports.isEmpty)
        }
    }

    @Test(
        "R-HTTP-21 a signal without a pipeline is a 404 that says so", arguments: [Signal.metrics, .logs, .traces])
    func absentSignalIsA404(signal: Signal) async throws {
        try await withReceiver(sink: nil) { listener in
            let client = try RawClient(port: listener.port)
            for type in Self.types {
                let response = try client.exchange("POST", "/v1/\(signal.rawValue)", type: type, body: [1])
                #expect(response.status == 404)
                #expect(
                    StatusBody(response)?.message.contains("no pipeline of this collector accepts \(signal.rawValue)")
                        == true)
            }
        }
    }

    @Test("R-HTTP-28 profiles are a 404")
    func profilesAreA404() async throws {
        try await withReceiver { listener in
            let client = try RawClient(port: listener.port)
            let response = try client.exchange("POST", "/v1development/profiles", body: [1])
            #expect(response.status == 404)
            #expect(StatusBody(response)?.message.contains("profiles are not supported") == true)
        }
    }
}
