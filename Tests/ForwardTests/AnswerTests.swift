import Foundation
import NIOCore
import NIOHTTP1
import OTLP
import Testing

@testable import Forward

/// What answers mean for an export.
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

    @Test("statuses that may pass are tried again, all others are for good")
    func statusesAreToldApart() {
        for status in [408, 429, 500, 502, 503, 504] {
            #expect(Self.outcome(status) == .failed("HTTP \(status)", retryAfter: nil))
        }
        for status in [301, 400, 401, 403, 404, 405, 413, 415, 422, 501, 505] {
            #expect(Self.outcome(status) == .refused("HTTP \(status)"))
        }
        for status in [200, 202, 204] { #expect(Self.outcome(status) == .delivered(rejected: 0, message: "")) }
    }

    @Test("Retry-After is read in seconds and as a date; what is neither is left to the back-off")
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

    @Test("partial success is read in both encodings")
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

    @Test("what a server says is one short line")
    func messageIsBounded() {
        let status = RPCStatus(code: .invalidArgument, message: "no\nsuch\ttenant")
        #expect(Self.outcome(400, body: status.encoded(as: .protobuf)) == .refused("HTTP 400: no such tenant"))
        #expect(
            Self.outcome(404, type: "text/plain", body: Array("nothing here\r\n".utf8))
                == .refused("HTTP 404: nothing here"))
        guard
            case .refused(let text) = Self.outcome(400, type: "text/plain", body: [UInt8](repeating: 0x61, count: 9000))
        else {
            Issue.record("not refused")
            return
        }
        #expect(text.count < 230)
    }

    @Test("statuses of gRPC are told apart, and RetryInfo is read")
    func callsAreToldApart() {
        func outcome(_ status: Int?, http: Int = 200, details: String = "") -> SendOutcome {
            var reply = GRPCReply()
            (reply.status, reply.httpStatus, reply.details) = (status, http, details)
            return CallReading.outcome(of: reply, to: .logs)
        }
        #expect(outcome(0) == .delivered(rejected: 0, message: ""))
        for status in [1, 4, 10, 11, 14, 15] {
            #expect(outcome(status) == .failed("gRPC status \(status)", retryAfter: nil))
        }
        for status in [2, 3, 5, 6, 7, 8, 9, 12, 13, 16] {
            #expect(outcome(status) == .refused("gRPC status \(status)"))
        }
        // RetryInfo of 3 s in a Status, as servers send it.
        let info = RPCStatus(code: .resourceExhausted, message: "m", retryDelaySeconds: 3).encoded(as: .protobuf)
        let details = Data(info).base64EncodedString()
        #expect(outcome(8, details: details) == .failed("gRPC status 8", retryAfter: .seconds(3)))
        #expect(outcome(14, details: details) == .failed("gRPC status 14", retryAfter: .seconds(3)))
        #expect(outcome(nil, http: 503) == .failed("HTTP 503 without a status of gRPC", retryAfter: nil))
        #expect(outcome(nil, http: 404) == .refused("HTTP 404 without a status of gRPC"))
    }

    @Test("the time for a call is written with eight digits at most, whatever it is")
    func callTimes() {
        let times: [(Duration, String)] = [
            (.milliseconds(1), "1m"), (.seconds(30), "30000m"), (.microseconds(1), "1m"),
            (.seconds(99_999), "99999000m"),
            (.seconds(100_000), "100000S"), (.seconds(360_000), "360000S"), (.seconds(200_000_000), "3333334M"),
            (.seconds(9_000_000_000), "2500000H"), (.seconds(Int64.max), "99999999H"), (.zero, "1m"),
        ]
        for (time, text) in times { #expect(GRPCTransport.timeoutText(time) == text) }
    }

    @Test("credentials are coded as RFC 7617 wants them")
    func credentialsAreCoded() {
        #expect(
            ClientCredentials.basic(user: "Aladdin", password: "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }
}
