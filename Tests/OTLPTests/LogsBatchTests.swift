import OTLP
import Settings
import Testing

/// Log records in place, in both encodings.
@Suite struct LogsBatchTests {
    /// A record, for comparisons.
    private struct Seen: Equatable {
        var scope: String
        var time: UInt64
        var observedTime: UInt64
        var eventName: String
        var body: String
        var attributes: [String]
    }

    private static func read(_ body: [UInt8], as encoding: WireEncoding, limits: DecodingLimits = DecodingLimits())
        throws
        -> [Seen]
    {
        var batch = LogsBatch(limits: limits)
        let reader = AttributeReader(encoding: encoding, limits: limits)
        return try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: encoding)
            var seen: [Seen] = []
            for record in batch.records {
                var attributes: [String] = []
                var losses = DecodingLosses()
                try batch.forEachAttribute(of: record, losses: &losses) { attribute in
                    attributes.append("\(String(decoding: attribute.key, as: UTF8.self))=\(Self.text(attribute.value))")
                }
                let scope = try reader.scope(batch.scopes[Int(record.scope)].bytes)
                seen.append(
                    Seen(
                        scope: String(decoding: scope.name, as: UTF8.self), time: record.time,
                        observedTime: record.observedTime, eventName: String(decoding: record.eventName, as: UTF8.self),
                        body: String(decoding: record.body, as: UTF8.self), attributes: attributes))
            }
            return seen
        }
    }

    private static func text(_ value: LogValue) -> String {
        switch value {
        case .string(let text): text.withBytes { String(decoding: $0, as: UTF8.self) }
        case .int(let number): "\(number)i"
        case .double(let number): "\(number)d"
        case .bool(let flag): "\(flag)"
        case .other: "?"
        }
    }

    private static let seen = [
        Seen(
            scope: "s", time: 5, observedTime: 6, eventName: "n", body: "b\"c",
            attributes: ["k=v\n", "i=-3i", "d=1.5d", "t=true", "a=?", "m=?", "e=?", "k=again"]),
        Seen(scope: "s", time: 0, observedTime: 0, eventName: "", body: "", attributes: []),
    ]

    private static let json = #"""
        {"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"logRecords":[
          {"timeUnixNano":"5","observedTimeUnixNano":6,"severityNumber":9,"eventName":"n","body":{"stringValue":"b\"c"},
           "attributes":[{"key":"k","value":{"stringValue":"v\n"}},{"key":"i","value":{"intValue":"-3"}},
             {"value":{"doubleValue":1.5},"key":"\u0064"},{"key":"t","value":{"boolValue":true}},
             {"key":"a","value":{"arrayValue":{"values":[{"intValue":1}]}}},
             {"key":"m","value":{"kvlistValue":{"values":[]}}},{"key":"e","value":{}},
             {"key":"k","value":{"stringValue":"again"}}],"traceId":""},{}],"scope":{"name":"s"}}]}]}
        """#

    private static let protobuf: ProtobufMessage = {
        func attribute(_ key: String, _ value: ProtobufMessage) -> ProtobufMessage {
            ProtobufMessage().text(1, key).message(2, value)
        }
        let record = ProtobufMessage().fixed64(1, 5).fixed64(11, 6).varint(2, 9).text(12, "n")
            .message(6, attribute("k", ProtobufMessage().text(1, "v\n"))).message(5, ProtobufMessage().text(1, "b\"c"))
            .message(6, attribute("i", ProtobufMessage().varint(3, UInt64(bitPattern: -3))))
            .message(6, attribute("d", ProtobufMessage().fixed64(4, 1.5.bitPattern)))
            .message(6, attribute("t", ProtobufMessage().varint(2, 1)))
            .message(
                6,
                attribute(
                    "a", ProtobufMessage().message(5, ProtobufMessage().message(1, ProtobufMessage().varint(3, 1))))
            )
            .message(6, attribute("m", ProtobufMessage().message(6, ProtobufMessage())))
            .message(6, attribute("e", ProtobufMessage())).message(
                6, attribute("k", ProtobufMessage().text(1, "again")))
        let scope = ProtobufMessage().message(2, record).message(2, ProtobufMessage()).message(
            1, ProtobufMessage().text(1, "s"))
        return ProtobufMessage().message(1, ProtobufMessage().message(2, scope).message(1, ProtobufMessage()))
    }()

    @Test("protobuf and JSON give the same records")
    func records() throws {
        #expect(try Self.read(Self.protobuf.bytes, as: .protobuf) == Self.seen)
        #expect(try Self.read(Array(Self.json.utf8), as: .json) == Self.seen)
    }

    @Test("R-PB-03 a resource in parts is merged, whatever is in between")
    func splitResource() throws {
        func part(_ key: String) -> ProtobufMessage { ProtobufMessage().message(1, .keyValue(key, "v")) }
        let scope = ProtobufMessage().message(2, ProtobufMessage())
        let body = ProtobufMessage().message(
            1, ProtobufMessage().message(1, part("a")).message(2, scope).message(1, part("b")))
        var batch = LogsBatch()
        try body.bytes.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: .protobuf)
            #expect(batch.records.count == 1)
            let resource = try AttributeReader(encoding: .protobuf).resource(batch.resources[0].bytes)
            #expect(resource.attributes.count == 2)
        }
    }

    @Test("R-JSON-16 of a duplicate key the last one counts")
    func keysGivenTwice() throws {
        let text =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]}]}],"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#
        #expect(try Self.read(Array(text.utf8), as: .json).count == 1)
    }

    @Test(
        "an export that is cut short, at any byte, is malformed or a shorter one",
        arguments: [WireEncoding.protobuf, .json])
    func cuts(encoding: WireEncoding) throws {
        let body = encoding == .protobuf ? Self.protobuf.bytes : Array(Self.json.utf8)
        for length in body.indices {
            do {
                let seen = try Self.read(Array(body.prefix(length)), as: encoding)
                #expect(encoding == .protobuf && seen.count <= 2, "\(length)")
            } catch let failure as DecodingFailure {
                guard case .malformed = failure else {
                    Issue.record("\(length): \(failure)")
                    continue
                }
            }
        }
    }

    @Test("random and randomly changed bytes do no harm", arguments: [WireEncoding.protobuf, .json])
    func randomBytes(encoding: WireEncoding) {
        var random = SeededRandom(seed: 20_261_121)
        let whole = encoding == .protobuf ? Self.protobuf.bytes : Array(Self.json.utf8)
        var taken = 0
        for turn in 0..<20_000 {
            var body = whole
            if turn % 4 == 0 {
                body = (0..<Int.random(in: 0..<80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
                }
            } else {
                for _ in 0...turn % 3 {
                    body[Int.random(in: body.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
            }
            if (try? Self.read(body, as: encoding)) != nil { taken += 1 }
        }
        #expect(taken > 100)
        #expect(taken < 19_900)
    }

    @Test("text that is not UTF-8 is malformed in JSON; in protobuf a value may be anything")
    func invalidText() throws {
        let value = ProtobufMessage().text(1, "k").message(2, ProtobufMessage().bytes(1, [0xFF]))
        let body = ProtobufMessage().message(
            1, ProtobufMessage().message(2, ProtobufMessage().message(2, ProtobufMessage().message(6, value))))
        #expect(try Self.read(body.bytes, as: .protobuf).count == 1)
        let json = Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":""#.utf8) + [0xFF]
        #expect(throws: DecodingFailure.self) { try Self.read(json + Array(#""}}]}]}]}"#.utf8), as: .json) }
    }

    @Test("many records in few bytes are refused at the memory limit", arguments: [WireEncoding.protobuf, .json])
    func memory(encoding: WireEncoding) {
        let count = 200_000
        let protobuf = ProtobufMessage().message(
            1,
            ProtobufMessage().message(
                2,
                ProtobufMessage().raw(
                    [UInt8](repeating: 0, count: 2 * count).enumerated().map { $0.offset % 2 == 0 ? 0x12 : 0 }))
        )
        let json =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":["# + String(repeating: "{},", count: count) + "{}]}]}]}"
        let limits = DecodingLimits { $0.maxDecodingMemory = 1 << 20 }
        let failure = #expect(throws: DecodingFailure.self) {
            try Self.read(encoding == .protobuf ? protobuf.bytes : Array(json.utf8), as: encoding, limits: limits)
        }
        guard case .tooLarge? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
