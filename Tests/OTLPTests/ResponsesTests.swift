import Testing

@testable import OTLP

@Suite struct ResponsesTests {
    @Test("R-HTTP-05 a full success is zero bytes as protobuf and {} as JSON", arguments: Signal.allCases)
    func fullSuccessIsEmpty(signal: Signal) {
        let response = ExportResponse(signal: signal)
        #expect(response.encoded(as: .protobuf) == [])
        #expect(String(decoding: response.encoded(as: .json), as: UTF8.self) == "{}")
    }

    @Test(
        "R-HTTP-07 the count has the name of its signal in JSON",
        arguments: [
            (Signal.metrics, "rejectedDataPoints"), (.logs, "rejectedLogRecords"), (.traces, "rejectedSpans"),
        ])
    func countHasTheNameOfItsSignal(signal: Signal, name: String) {
        let response = ExportResponse(signal: signal, rejectedCount: 3, message: #"a "b""#)
        #expect(
            String(decoding: response.encoded(as: .json), as: UTF8.self)
                == #"{"partialSuccess":{""# + name + #"":"3","errorMessage":"a \"b\""}}"#)
        #expect(response.encoded(as: .protobuf) == [0x0A, 9, 0x08, 3, 0x12, 5] + Array(#"a "b""#.utf8))
    }

    @Test("R-HTTP-08 a warning has no count")
    func warningCarriesNoCount() {
        let response = ExportResponse(signal: .metrics, message: "w")
        #expect(
            String(decoding: response.encoded(as: .json), as: UTF8.self) == #"{"partialSuccess":{"errorMessage":"w"}}"#)
        #expect(response.encoded(as: .protobuf) == [0x0A, 3, 0x12, 1, 0x77])
    }

    @Test("R-HTTP-07 a count without a message is reported")
    func countWithoutMessage() {
        let response = ExportResponse(signal: .metrics, rejectedCount: 300)
        #expect(
            String(decoding: response.encoded(as: .json), as: UTF8.self)
                == #"{"partialSuccess":{"rejectedDataPoints":"300"}}"#)
        #expect(response.encoded(as: .protobuf) == [0x0A, 3, 0x08, 0xAC, 0x02])
    }

    @Test("R-HTTP-15 a status has code and message in both encodings")
    func statusHasCodeAndMessage() {
        let status = RPCStatus(code: .notFound, message: "no\u{1}\n\"ä\"")
        #expect(
            String(decoding: status.encoded(as: .json), as: UTF8.self)
                == #"{"code":5,"message":"no\u0001\n\"ä\""}"#)
        #expect(status.encoded(as: .protobuf) == [0x08, 5, 0x12, 8] + Array("no\u{1}\n\"ä\"".utf8))
    }

    @Test("R-HTTP-16 a bad request has the reason in its details")
    func badRequestHasDetails() {
        let status = RPCStatus(code: .invalidArgument, message: "m", violatedField: "body")
        #expect(
            String(decoding: status.encoded(as: .json), as: UTF8.self)
                == #"{"code":3,"message":"m","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","#
                + #""fieldViolations":[{"field":"body","description":"m"}]}]}"#)
        let violation: [UInt8] = [0x0A, 4] + Array("body".utf8) + [0x12, 1, 0x6D]
        let badRequest: [UInt8] = [0x0A, UInt8(violation.count)] + violation
        let url = Array("type.googleapis.com/google.rpc.BadRequest".utf8)
        let any: [UInt8] = [0x0A, UInt8(url.count)] + url + [0x12, UInt8(badRequest.count)] + badRequest
        #expect(status.encoded(as: .protobuf) == [0x08, 3, 0x12, 1, 0x6D, 0x1A, UInt8(any.count)] + any)
    }

    @Test("R-HTTP-19 a message is cut between characters, within its limit")
    func messageIsBounded() {
        let text = "aäöü€😀b"
        for limit in 0...text.utf8.count + 1 {
            let cut = ResponseText.bounded(text, bytes: limit)
            #expect(cut.utf8.count <= limit)
            if limit >= text.utf8.count {
                #expect(cut == text)
            } else if limit >= 3 {
                #expect(cut.hasSuffix("…"))
                #expect(text.hasPrefix(cut.dropLast()))
            }
        }
        let response = ExportResponse(signal: .logs, message: String(repeating: "\u{1}", count: 1 << 20))
        #expect(response.encoded(as: .json).count < 64 << 10)
    }

    @Test("a NUL in a message does not end it")
    func nulIsLeftOut() {
        #expect(RPCStatus(code: .internalError, message: "a\0b").message == "ab")
    }
}
