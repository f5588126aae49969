import Foundation
import NIOCore
import NIOHTTP1
import OTLP
import Testing

@testable import Forward

/// How answers of destinations are interpreted.
@Suite struct AnswerTests {
    private static let export = ForwardedExport(
        signal: .logs, encoding: .protobuf, records: 5, body: ByteBuffer(string: "x"))

    private static func outcome(
        _ status: Int, type: String = "application/x-protobuf", body: [UInt8] = [], headers: [(String, String)] = []
    ) -> SendOutcome {
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status),
            headers: HTTPHeaders([("Content-Type", type)] + headers))
        return ReplyReading.outcome(of: HTTPReply(head: head, body: ByteBuffer(bytes: body)), to: export)
    }

    @Test("temporary statuses are retried, all others are final")
    func statusesAreToldApart() {
        for status in [408, 429, 502, 503, 504] {
            #expect(Self.outcome(status) == .failed("HTTP \(status)", retryAfter: nil))
        }
        for status in [301, 400, 401, 403, 404, 405, 415, 422, 500, 501, 505] {
            #expect(Self.outcome(status) == .refused(Refusal("HTTP \(status)")))
        }
        for status in [200, 202, 204] { #expect(Self.outcome(status) == .delivered(rejected: 0, message: "")) }
    }

    @Test(
        "a refusal for size is recognised by the messages of servers and proxies, with any status",
        arguments: [
            (
                503,
                "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5012345 vs. 4194304)"
            ),
            (500, "trying to send message larger than max (5012345 vs. 4194304)"), (413, ""), (413, "who knows"),
            (400, "http: request body too large"), (429, "message larger than max (5 vs. 4)"),
            (400, "too big packed request; mustn't exceed `-maxInsertRequestSize=33554432` bytes"),
            (413, "<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>"),
            (
                429,
                "Ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest "
                    + "'9000' lines totaling '18500000' bytes, reduce log volume or contact your Loki administrator"
            ),
            (
                429,
                "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{}' totaling 5MB"
            ),
        ])
    func sizeIsToldApart(status: Int, message: String) {
        for type in ["text/plain", "application/octet-stream"] {
            let outcome = Self.outcome(status, type: type, body: Array(message.utf8))
            guard case .tooLarge(let refusal) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(refusal.kind == "HTTP \(status)")
        }
    }

    @Test(
        "similar messages are not refusals for size",
        arguments: [
            (
                400,
                "2 errors like: stream '{a=\"b\"}' has structured metadata too large: '70000' bytes, limit: '65536' bytes"
            ),
            (
                429,
                "Ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest "
                    + "'9' lines totaling '18500' bytes"
            ),
            (503, "too many outstanding requests"), (400, "3 errors like: Max entry size '262144' bytes exceeded"),
            (429, "the request has been rejected because the tenant exceeded the ingestion rate limit"),
        ])
    func otherLimitsAreNoSize(status: Int, message: String) {
        if case .tooLarge = Self.outcome(status, type: "text/plain", body: Array(message.utf8)) {
            Issue.record("taken for a refusal for size: \(message)")
        }
    }

    @Test("a single record above a rate limit is retried: it is not too large")
    func oneRecordAboveARate() {
        let message =
            "rate limit exceeded (limit: 1 bytes/sec) while attempting to ingest '1' lines totaling '18' bytes"
        let head = HTTPResponseHead(version: .http1_1, status: .tooManyRequests)
        let single = ForwardedExport(signal: .logs, encoding: .protobuf, records: 1, body: ByteBuffer())
        guard
            case .failed = ReplyReading.outcome(
                of: HTTPReply(head: head, body: ByteBuffer(string: message)), to: single)
        else {
            Issue.record("given up")
            return
        }
    }

    @Test("500 is final, as OTLP says, except for messages of full Collectors before 0.97")
    func status500() {
        let final = "invalid temporality and type combination for metric \"a\""
        #expect(
            Self.outcome(500, type: "text/plain", body: Array(final.utf8))
                == .refused(Refusal("HTTP 500", saying: final)))
        for message in ["data refused due to high memory usage", "sending queue is full"] {
            let body = RPCStatus(code: .internalError, message: message).encoded(as: .protobuf)
            #expect(Self.outcome(500, body: body) == .failed("HTTP 500: \(message)"))
        }
    }

    @Test(
        "a google.rpc.Status is decoded with any media type, in both encodings, also if truncated",
        arguments: [
            "application/octet-stream", "text/plain; charset=utf-8", "application/json", "application/x-protobuf", "",
        ])
    func statusIsRead(type: String) {
        for encoding in [WireEncoding.protobuf, .json] {
            let body = RPCStatus(code: .invalidArgument, message: "no such tenant").encoded(as: encoding)
            #expect(
                Self.outcome(404, type: type, body: body) == .refused(Refusal("HTTP 404", saying: "no such tenant")))
        }
        // As Loki writes it: without a code.
        let message = Array("no org id".utf8)
        let plain = [0x12, UInt8(message.count)] + message
        #expect(Self.outcome(401, type: type, body: plain) == .refused(Refusal("HTTP 401", saying: "no org id")))
        #expect(
            Self.outcome(401, type: type, body: plain.dropLast(3)) == .refused(Refusal("HTTP 401", saying: "no org")))
    }

    @Test("binary bodies are reported by size, and HTML without tags")
    func otherBodies() {
        #expect(
            Self.outcome(404, type: "image/png", body: [0x89, 0x50, 0x4E, 0x47, 0])
                == .refused(Refusal("HTTP 404", saying: "(5 bytes that are not text)")))
        let page = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body><h1>Gone</h1></body></html>"
        #expect(
            Self.outcome(404, type: "text/html", body: Array(page.utf8))
                == .refused(Refusal("HTTP 404", saying: "404 Not Found Gone")))
    }

    @Test("for an export stored in part, the number and every reason of Loki are decoded")
    func partIsRead() {
        let message =
            "2 errors like: entry for stream '{a=\"b\"}' has timestamp too old: 2020-01-01T00:00:00Z; oldest is now; "
            + "1 errors like: Max entry size '10' bytes exceeded for stream '{}'"
        let refusal = Refusal(
            "HTTP 400",
            saying: message)
        #expect(Self.outcome(400, type: "text/plain", body: Array(message.utf8)) == .partlyStored(dropped: 3, refusal))
        let one = "entry for stream '{}' has timestamp too new"
        #expect(
            Self.outcome(400, type: "text/plain", body: Array(one.utf8))
                == .partlyStored(dropped: nil, Refusal("HTTP 400", saying: one)))
        let long = (1...9).map { "\($0) errors like: \(String(repeating: "x", count: 500))" }.joined(separator: "; ")
        guard case .partlyStored(45, let told) = Self.outcome(400, type: "text/plain", body: Array(long.utf8)) else {
            Issue.record("\(Self.outcome(400, type: "text/plain", body: Array(long.utf8)))")
            return
        }
        #expect(told.text.hasSuffix("; and 4 more"))
        #expect(told.text.contains("5 errors like: xxx"))
        #expect(told.text.count < 1200)
    }

    @Test("Retry-After is parsed in seconds and as a date; otherwise the back-off applies")
    func retryAfterIsRead() {
        #expect(
            Self.outcome(429, headers: [("Retry-After", "7")]) == .failed("HTTP 429", retryAfter: .seconds(7)))
        #expect(
            Self.outcome(503, headers: [("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")])
                == .failed("HTTP 503", retryAfter: .zero))
        let dated = [("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"), ("Date", "Wed, 21 Oct 2026 07:27:30 GMT")]
        #expect(Self.outcome(503, headers: dated) == .failed("HTTP 503", retryAfter: .seconds(30)))
        #expect(Self.outcome(503, headers: [("retry-after", "-1")]) == .failed("HTTP 503", retryAfter: nil))
    }

    @Test("partial success is decoded in both encodings")
    func partialSuccessIsRead() {
        let response = ExportResponse(signal: .logs, rejectedCount: 2, message: "too old")
        for (type, encoding) in [("application/x-protobuf", WireEncoding.protobuf), ("application/json", .json)] {
            #expect(
                Self.outcome(200, type: type, body: response.encoded(as: encoding))
                    == .delivered(rejected: 2, message: "too old"))
        }
        #expect(Self.outcome(200, body: [0xFF]) == .delivered(rejected: 0, message: ""))
        #expect(
            Self.outcome(200, type: "text/html", body: Array("<p>ok</p>".utf8)) == .delivered(rejected: 0, message: ""))
    }

    @Test("a message of a server becomes one short line")
    func messageIsBounded() {
        let status = RPCStatus(code: .invalidArgument, message: "no\nsuch\ttenant")
        #expect(
            Self.outcome(400, body: status.encoded(as: .protobuf))
                == .refused(Refusal("HTTP 400", saying: "no such tenant")))
        #expect(
            Self.outcome(404, type: "text/plain", body: Array("nothing here\r\n".utf8))
                == .refused(Refusal("HTTP 404", saying: "nothing here")))
        guard
            case .refused(let refusal) = Self.outcome(
                400, type: "text/plain", body: [UInt8](repeating: 0x61, count: 9000))
        else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.text.count < 230)
    }

    @Test("gRPC statuses are distinguished, and RetryInfo is decoded")
    func callsAreToldApart() {
        func outcome(_ status: Int?, http: Int = 200, details: String = "") -> SendOutcome {
            var reply = GRPCReply()
            (reply.status, reply.httpStatus, reply.details) = (status, http, details)
            return CallReading.outcome(of: reply, to: Self.export)
        }
        #expect(outcome(0) == .delivered(rejected: 0, message: ""))
        for status in [1, 4, 10, 11, 14, 15] {
            #expect(outcome(status) == .failed("gRPC status \(status)", retryAfter: nil))
        }
        for status in [2, 3, 5, 6, 7, 8, 9, 12, 13, 16] {
            #expect(outcome(status) == .refused(Refusal("gRPC status \(status)")))
        }
        // RetryInfo of 3 s in a Status, as servers send it.
        let info = RPCStatus(code: .resourceExhausted, message: "m", retryDelaySeconds: 3).encoded(as: .protobuf)
        let details = Data(info).base64EncodedString()
        #expect(outcome(8, details: details) == .failed("gRPC status 8: m", retryAfter: .seconds(3)))
        #expect(outcome(14, details: details) == .failed("gRPC status 14: m", retryAfter: .seconds(3)))
        #expect(outcome(nil, http: 413) == .tooLarge(Refusal("HTTP 413 without a gRPC status")))
        #expect(outcome(nil, http: 500) == .refused(Refusal("HTTP 500 without a gRPC status")))
        #expect(outcome(-7) == .refused(Refusal("unknown gRPC status")))
        for status in [8, 3, 14] {
            var reply = GRPCReply()
            (reply.status, reply.message) = (status, "grpc: received message larger than max (5 vs. 4)")
            let refusal = Refusal("gRPC status \(status)", saying: reply.message)
            #expect(CallReading.outcome(of: reply, to: Self.export) == .tooLarge(refusal))
        }
        #expect(outcome(nil, http: 503) == .failed("HTTP 503 without a gRPC status", retryAfter: nil))
        #expect(outcome(nil, http: 404) == .refused(Refusal("HTTP 404 without a gRPC status")))
    }

    @Test("grpc-timeout has at most eight digits")
    func callTimes() {
        let times: [(Duration, String)] = [
            (.milliseconds(1), "1m"), (.seconds(30), "30000m"), (.microseconds(1), "1m"),
            (.seconds(99_999), "99999000m"),
            (.seconds(100_000), "100000S"), (.seconds(360_000), "360000S"), (.seconds(200_000_000), "3333334M"),
            (.seconds(9_000_000_000), "2500000H"), (.seconds(Int64.max), "99999999H"), (.zero, "1m"),
        ]
        for (time, text) in times { #expect(GRPCTransport.timeoutText(time) == text) }
    }

    @Test("credentials are encoded as in RFC 7617")
    func credentialsAreCoded() {
        #expect(
            ClientCredentials.basic(user: "Aladdin", password: "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }
}
