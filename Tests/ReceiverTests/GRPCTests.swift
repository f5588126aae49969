import NIOCore
import NIOHPACK
import OTLP
import Receiver
import Server
import Settings
import Testing

/// Responses of the OTLP/gRPC receiver, over real sockets, frame by frame.
@Suite struct GRPCTests {
    @Test("R-GRPC-01 R-GRPC-02 the three services accept unary Export calls over cleartext HTTP/2")
    func servicesTakeExports() async throws {
        let sink = RecordingSink()
        let records = RecordingSink { _ in .success(PartialSuccess(message: "careful")) }
        try await withGRPC(sink: sink, records: records) { listener in
            let client = try HTTP2Client(port: listener.port)
            let metrics = try client.call(HTTP2Client.metrics, [1, 2, 3])
            #expect(metrics.headers.first(name: ":status") == "200")
            #expect(metrics.headers.first(name: "content-type") == "application/grpc")
            #expect(metrics.status == "0")
            #expect(metrics.reply == [])
            for path in [HTTP2Client.logs, HTTP2Client.traces] {
                let answer = try client.call(path, [1])
                #expect(answer.status == "0")
                #expect(String(decoding: answer.reply ?? [], as: UTF8.self).contains("careful"))
            }
            #expect(sink.exports == [.init(body: [1, 2, 3], encoding: .protobuf)])
            #expect(records.exports.map(\.body) == [[1], [1]])
        }
    }

    @Test("R-GRPC-03 identity, gzip and deflate are decoded by message flag", arguments: [1 << 10, 100 << 10])
    func codingsAreUndone(size: Int) async throws {
        let sink = RecordingSink()
        let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            for (name, bits) in [("gzip", Int32(31)), ("deflate", 15), ("deflate", -15)] {
                let frame = HTTP2Client.framed(compressed(message, windowBits: bits), flag: 1)
                let stream = try client.send(frame: frame, headers: [("grpc-encoding", name)])
                #expect(try client.answer(to: stream).status == "0")
                #expect(try client.call(message, headers: [("grpc-encoding", name)]).status == "0")
            }
            #expect(try client.call(message, headers: [("grpc-encoding", "identity")]).status == "0")
        }
        #expect(sink.exports.map(\.body) == Array(repeating: message, count: 7))
    }

    @Test("R-GRPC-03 an unknown coding gets UNIMPLEMENTED and the list of known ones")
    func unknownCodingIsUnimplemented() async throws {
        let sink = RecordingSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let answer = try client.call([1], headers: [("grpc-encoding", "snappy")])
            #expect(answer.status == "12")
            #expect(answer.headers.first(name: "grpc-accept-encoding") == "identity,gzip,deflate")
            #expect(try client.call([1]).status == "0")
        }
        #expect(sink.exports.count == 1)
    }

    @Test("R-GRPC-04 a message beyond the limit gets RESOURCE_EXHAUSTED without details, sent or decompressed")
    func messagesAreLimited() async throws {
        let sink = RecordingSink()
        try await withGRPC(OTLPGRPCSettings { $0.maxRecvMsgSize = 1000 }, sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let fits = [UInt8](repeating: 7, count: 1000)
            #expect(try client.call(fits).status == "0")
            let tooLarge = fits + [7]
            let answers = [
                try client.call(tooLarge),
                try client.answer(
                    to: try client.send(
                        frame: HTTP2Client.framed(compressed(tooLarge, windowBits: 31), flag: 1),
                        headers: [("grpc-encoding", "gzip")])),
                // The prefix is enough; the message is not awaited.
                try client.answer(
                    to: {
                        let stream = try client.begin()
                        try client.sendData([0, 0xFF, 0xFF, 0xFF, 0xFF, 1], stream: stream, ends: false)
                        return stream
                    }()),
            ]
            for answer in answers {
                #expect(answer.status == "8")
                #expect(answer.trailers.first(name: "grpc-status-details-bin") == nil)
            }
            #expect(try client.call(fits).status == "0")
        }
        #expect(sink.exports.count == 2)
    }

    @Test("R-GRPC-05 R-GRPC-11 a bad payload gets INVALID_ARGUMENT: trailers only, percent-encoded, with BadRequest")
    func badPayloadIsInvalid() async throws {
        let sink = RecordingSink { _ in .failure(.malformed("100 % wrong: größer\n")) }
        try await withGRPC(sink: sink) { listener in
            let answer = try HTTP2Client(port: listener.port).call([1])
            #expect(answer.headers == answer.trailers)
            #expect(answer.headers.first(name: ":status") == "200")
            #expect(answer.headers.first(name: "content-type") == "application/grpc")
            #expect(answer.status == "3")
            #expect(answer.message == "100 %25 wrong: gr%C3%B6%C3%9Fer%0A")
            let details = try #require(answer.trailers.first(name: "grpc-status-details-bin"))
            #expect(details.hasPrefix("CAMS"))
            #expect(!details.contains("="))
        }
    }

    @Test("R-GRPC-06 overload gets UNAVAILABLE with a RetryInfo")
    func overloadIsUnavailable() async throws {
        let sink = RecordingSink { _ in .failure(.unavailable("full", retryAfterSeconds: 7)) }
        try await withGRPC(sink: sink) { listener in
            let answer = try HTTP2Client(port: listener.port).call([1])
            #expect(answer.status == "14")
            #expect(answer.message == "full")
            // code 14, message "full", Any{"type.googleapis.com/google.rpc.RetryInfo", {retry_delay {seconds 7}}}.
            let url = Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
            let any = [0x0A, UInt8(url.count)] + url + [0x12, 4, 0x0A, 2, 0x08, 7]
            let status: [UInt8] = [0x08, 14, 0x12, 4] + Array("full".utf8) + [0x1A, UInt8(any.count)] + any
            #expect(answer.trailers.first(name: "grpc-status-details-bin") == base64(status))
        }
    }

    @Test("R-GRPC-07 partial success reports how many points were rejected and why")
    func partialSuccessIsTold() async throws {
        let sink = RecordingSink { _ in .success(PartialSuccess(rejectedCount: 3, message: "no")) }
        try await withGRPC(sink: sink) { listener in
            let answer = try HTTP2Client(port: listener.port).call([1])
            #expect(answer.status == "0")
            #expect(answer.reply == [0x0A, 6, 0x08, 3, 0x12, 2, 0x6E, 0x6F])
        }
    }

    @Test(
        "R-GRPC-09 unknown methods, and signals without a pipeline, get UNIMPLEMENTED",
        arguments: [
            "/", "/v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/export",
            "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
            "/grpc.health.v1.Health/Watch", HTTP2Client.logs, HTTP2Client.traces,
        ])
    func unknownMethodIsUnimplemented(path: String) async throws {
        let sink = RecordingSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let answer = try client.call(path, [1])
            #expect(answer.status == "12")
            #expect(answer.message?.isEmpty == false)
            #expect(try client.call([1]).status == "0")
        }
        #expect(sink.exports.count == 1)
    }

    @Test("R-GRPC-10 a call whose deadline is before its message gets DEADLINE_EXCEEDED and counts nothing")
    func deadlineIsHonoured() async throws {
        let sink = RecordingSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let stream = try client.begin(headers: [("grpc-timeout", "50m")])
            try client.sendData([0, 0, 0], stream: stream, ends: false)
            #expect(try client.answer(to: stream).status == "4")
            #expect(try client.call([1], headers: [("grpc-timeout", "0n")]).status == "4")
            #expect(try client.call([1], headers: [("grpc-timeout", "99999999H")]).status == "0")
            for malformed in ["1", "m", "123456789m", "-1m", "1x", ""] {
                #expect(try client.call([1], headers: [("grpc-timeout", malformed)]).status == "13")
            }
        }
        #expect(sink.exports.count == 1)
    }

    @Test("R-GRPC-10 a call that waits for the disk is answered at its deadline")
    func deadlineIsHonouredWhileAnswering() async throws {
        let sink = HeldSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            #expect(try client.call([1], headers: [("grpc-timeout", "20m")]).status == "4")
            // The late answer is discarded.
            sink.release()
            let stream = try client.send(frame: HTTP2Client.framed([1]))
            #expect(try client.call("/grpc.health.v1.Health/Check", []).status == "0")
            sink.release()
            #expect(try client.answer(to: stream).status == "0")
        }
    }

    @Test("R-GRPC-13 long texts are cut: the headers of an answer stay below the 8 KiB limit of clients")
    func answersAreShort() async throws {
        let text = String(repeating: "ß", count: 100_000)
        let sink = RecordingSink { body in
            body == [1] ? .failure(.malformed(text)) : .success(PartialSuccess(rejectedCount: 1, message: text))
        }
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let failure = try client.call([1])
            #expect(failure.status == "3")
            let size = failure.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
            #expect(size < 8 << 10)
            let partial = try client.call([2])
            #expect(partial.status == "0")
            #expect(partial.data.count < 5 << 10)
            // Long enough for compression, which the client accepts.
            let coded = try client.call([2], headers: [("grpc-accept-encoding", "identity, gzip")])
            #expect(coded.headers.first(name: "grpc-encoding") == "gzip")
            #expect(gunzipped(Array(coded.data.dropFirst(5))) == partial.reply)
        }
    }

    @Test("R-GRPC-15 Health/Check says SERVING")
    func healthIsServed() async throws {
        try await withGRPC { listener in
            let client = try HTTP2Client(port: listener.port)
            let check = "/grpc.health.v1.Health/Check"
            let service = Array("opentelemetry.proto.collector.metrics.v1.MetricsService".utf8)
            for message in [[], [0x0A, UInt8(service.count)] + service] {
                #expect(try client.call(check, message).reply == [0x08, 1])
            }
            #expect(try client.call(check, [0x0A, 1, 0x78]).status == "5")
            for malformed: [UInt8] in [[0x0A], [0x0A, 9, 1], [0x0A, 0xFF, 1], [1]] {
                #expect(try client.call(check, malformed).status == "3")
            }
        }
    }

    @Test(
        "Framing other than one message gets INTERNAL and counts nothing",
        arguments: [
            [], [0], [0, 0, 0, 0, 2, 1], HTTP2Client.framed([1]) + HTTP2Client.framed([1]),
            HTTP2Client.framed([1]) + [0], HTTP2Client.framed([1], flag: 1), HTTP2Client.framed([1], flag: 2),
        ])
    func wrongFramingIsRefused(frame: [UInt8]) async throws {
        let sink = RecordingSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            #expect(try client.answer(to: try client.send(frame: frame)).status == "13")
            #expect(try client.call([1]).status == "0")
        }
        #expect(sink.exports.count == 1)
    }

    @Test("A request that is not a call gets an HTTP status: 405 for other methods, 415 for other media types")
    func otherRequestsGetHTTPStatus() async throws {
        try await withGRPC { listener in
            let client = try HTTP2Client(port: listener.port)
            let get = try client.answer(to: try client.begin(method: "GET", ends: true))
            #expect(get.headers.first(name: ":status") == "405")
            #expect(get.headers.first(name: "allow") == "POST")
            for type in [
                "application/x-protobuf", "application/grpc-web", "application/grpc+json", "application/grpcx",
            ] {
                let answer = try client.answer(to: try client.begin(type: type, ends: true))
                #expect(answer.headers.first(name: ":status") == "415")
            }
            for type in ["application/grpc+proto", "application/grpc;charset=utf-8", "Application/gRPC"] {
                let stream = try client.begin(type: type)
                try client.sendData(HTTP2Client.framed([1]), stream: stream)
                #expect(try client.answer(to: stream).status == "0")
            }
        }
    }

    @Test("An HTTP/1.1 client gets the number of the right port")
    func http1IsTold() async throws {
        try await withGRPC { listener in
            let client = try RawClient(port: listener.port)
            try client.send("POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
            let answer = try client.response()
            #expect(answer.status == 400)
            #expect(answer.text.contains("usually 4318"))
            // The first bytes of TLS: the client could not read an answer.
            let tls = try RawClient(port: listener.port)
            try tls.send([0x16, 3, 1, 2, 0])
            #expect(try tls.isClosedByServer())
        }
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        return String(
            stride(from: 0, to: bits.count, by: 6).map { start in
                alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? Int(bits[start + $1]) : 0) }]
            })
    }
}
