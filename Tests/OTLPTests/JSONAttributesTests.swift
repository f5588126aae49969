import Settings
import Testing

@testable import OTLP

/// Attributes, resources and scopes, decoded from the text in a batch.
struct JSONAttributesTests {
    private func attributes(_ text: String, limits: DecodingLimits = DecodingLimits()) throws -> [Attribute] {
        let bytes = Array(text.utf8)
        return try GuardedBytes(capacity: bytes.count).withCopy(of: bytes) { raw in
            try AttributeReader(encoding: .json, limits: limits).attributes(raw)
        }
    }

    /// Expects that one attribute of a list is left out and reported, and the other one is decoded.
    private func expectAbsent(_ attribute: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let bytes = Array(#"[\#(attribute),{"key":"good","value":{"intValue":1}}]"#.utf8)
        var losses = DecodingLosses()
        let read = try GuardedBytes(capacity: bytes.count).withCopy(of: bytes) { raw in
            try AttributeReader(encoding: .json).attributesIfText(raw, losses: &losses)
        }
        #expect(read == [Attribute(key: utf8("good"), value: .int(1))], "\(attribute)", sourceLocation: sourceLocation)
        #expect(losses[.attribute] == 1, "\(attribute)", sourceLocation: sourceLocation)
    }

    private func value(_ text: String) throws -> AttributeValue? {
        try attributes(#"[{"key":"k","value":\#(text)}]"#).first?.value
    }

    private func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(
        "every kind of value is decoded",
        arguments: [
            (#"{"stringValue":"text"}"#, .string(Array("text".utf8))),
            (#"{"stringValue":"\ud834\udd1e\u0000\n"}"#, .string(Array("𝄞\u{0}\n".utf8))),
            (#"{"string_value":""}"#, .string([])), (#"{"boolValue":true}"#, .bool(true)),
            (#"{"boolValue":false}"#, .bool(false)), (#"{"intValue":"42"}"#, .int(42)), (#"{"intValue":-7}"#, .int(-7)),
            (#"{"intValue":"-9223372036854775808"}"#, .int(.min)), (#"{"intValue":1e3}"#, .int(1000)),
            (#"{"doubleValue":1.5}"#, .double(1.5)), (#"{"doubleValue":"-Infinity"}"#, .double(-.infinity)),
            (#"{"doubleValue":3}"#, .double(3)), (#"{"doubleValue":"1e-9"}"#, .double(1e-9)),
            (#"{"bytesValue":"AP9oaQ=="}"#, .bytes([0, 0xFF, 0x68, 0x69])), (#"{"arrayValue":{}}"#, .array([])),
            (
                #"{"arrayValue":{"values":[{"stringValue":"a"},{},null,{"arrayValue":{"values":[{"intValue":1}]}}]}}"#,
                .array([.string(Array("a".utf8)), .empty, .empty, .array([.int(1)])])
            ),
            (
                #"{"kvlistValue":{"values":[{"key":"b","value":{"intValue":1}},{"key":"b"}]}}"#,
                .keyValues([
                    Attribute(key: Array("b".utf8), value: .int(1)), Attribute(key: Array("b".utf8), value: .empty),
                ])
            ),
            (#"{"kvlist_value":{"values":null}}"#, .keyValues([])), ("{}", .empty), ("null", .empty),
            (#"{"unknownValue":{"a":[1]}}"#, .empty),
        ] as [(String, AttributeValue)])
    func everyKindIsDecoded(written: String, expected: AttributeValue) throws {
        #expect(try value(written) == expected)
    }

    @Test(
        "R-JSON-13 a null member is unset",
        arguments: [
            "stringValue", "boolValue", "intValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue",
        ])
    func nullMemberIsUnset(member: String) throws {
        #expect(try value(#"{"\#(member)":null}"#) == .empty)
        #expect(try attributes(#"[{"key":null,"value":{"\#(member)":null}}]"#) == [Attribute(key: [], value: .empty)])
    }

    @Test(
        "R-JSON-14 bytes are base64 of either alphabet, padded or not",
        arguments: [
            ("", []), ("AA==", [0]), ("AA", [0]), ("AAE=", [0, 1]), ("AAE", [0, 1]), ("AAEC", [0, 1, 2]),
            ("+/+/", [0xFB, 0xFF, 0xBF]), ("-_-_", [0xFB, 0xFF, 0xBF]), ("+_-/", [0xFB, 0xFF, 0xBF]),
            (#"+\/+\/"#, [0xFB, 0xFF, 0xBF]), (#"\u0041A="# + "=", [0]), ("_w", [0xFF]),
        ] as [(String, [UInt8])])
    func bytesAreBase64(written: String, expected: [UInt8]) throws {
        #expect(try value(#"{"bytesValue":"\#(written)"}"#) == .bytes(expected))
    }

    @Test(
        "R-JSON-14 invalid base64 is left out",
        arguments: [
            "A", "AAAAA", "A===", "AA=", "AAE==", "AAEC=", "AAEC====", "=", "==", "A=AA", "AA==AA==", "AA AA", "AA!A",
            "é",
        ])
    func whatIsNoBase64IsLeftOut(written: String) throws {
        try expectAbsent(#"{"key":"k","value":{"bytesValue":"\#(written)"}}"#)
    }

    @Test("R-JSON-15 of two members the last one wins")
    func lastMemberWins() throws {
        #expect(try value(#"{"stringValue":"a","intValue":1}"#) == .int(1))
        #expect(try value(#"{"intValue":1,"arrayValue":{"values":[{}],"values":[]}}"#) == .array([]))
        #expect(try value(#"{"intValue":1,"stringValue":null}"#) == .int(1))
        #expect(try value(#"{"intValue":1,"intValue":null}"#) == .empty)
    }

    @Test("R-JSON-16 of a duplicate key the last one wins, duplicate attributes are both kept")
    func duplicates() throws {
        let decoded = try attributes(#"[{"key":"a","key":"b","value":{"intValue":1},"value":{}},{"key":"b"}]"#)
        #expect(
            decoded == [
                Attribute(key: utf8("b"), value: .empty), Attribute(key: utf8("b"), value: .empty),
            ])
    }

    @Test(
        "an attribute with a value of the wrong type at any depth is left out",
        arguments: [
            #""str""#, "1", "[]", "true", #"{"stringValue":1}"#, #"{"stringValue":{}}"#, #"{"boolValue":"true"}"#,
            #"{"boolValue":1}"#, #"{"intValue":1.5}"#, #"{"intValue":true}"#, #"{"intValue":""}"#,
            #"{"intValue":"9223372036854775808"}"#, #"{"doubleValue":"x"}"#, #"{"doubleValue":1e400}"#,
            #"{"bytesValue":[0]}"#,
            #"{"arrayValue":[]}"#, #"{"arrayValue":{"values":{}}}"#, #"{"arrayValue":{"values":[1]}}"#,
            #"{"kvlistValue":{"values":[{"key":1}]}}"#, #"{"kvlistValue":[]}"#,
        ])
    func wrongTypesAreAbsent(written: String) throws {
        // A batch checks the syntax only.
        #expect(try decodePoints(#"[{"attributes":[{"key":"k","value":\#(written)}]}]"#).count == 1)
        try expectAbsent(#"{"key":"k","value":\#(written)}"#)
        try expectAbsent(#"{"key":"k","value":{"arrayValue":{"values":[{},\#(written)]}}}"#)
        try expectAbsent(#"{"value":{"kvlistValue":{"values":[{"key":"k","value":\#(written)},{}]}},"key":"k"}"#)
    }

    @Test(
        "a text that is not JSON is malformed",
        arguments: [
            "[{}", "[{},]", "[{}]x", "[] []", " ",
        ])
    func whatIsNoTextIsMalformed(written: String) {
        expectMalformed(try attributes(written))
    }

    @Test(
        "an element that is not an attribute is left out",
        arguments: ["1", "[]", #""a""#, "true", #"{"key":1}"#, #"{"key":{}}"#])
    func whatIsNoAttributeIsLeftOut(written: String) throws {
        try expectAbsent(written)
    }

    @Test("other values than a list of attributes mean none", arguments: [#"{"k":"v"}"#, "1", #""a""#, "{}", "true"])
    func whatIsNoListIsLeftOut(written: String) throws {
        #expect(try attributes(written) == [])
        expectLost(
            .attribute, try decodeJSON(export(#"{"gauge":{"dataPoints":[{"asInt":1,"attributes":\#(written)}]}}"#)))
    }

    @Test("a missing text has no attributes")
    func absentTextIsEmpty() throws {
        let reader = AttributeReader(encoding: .json)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(try reader.attributes(nothing) == [])
        #expect(try reader.resource(nothing) == Resource())
        #expect(try reader.scope(nothing) == Scope())
    }

    @Test("resources and scopes are decoded")
    func resourcesAndScopesAreDecoded() throws {
        let reader = AttributeReader(encoding: .json)
        let text = utf8(
            #"{"version":"1.\u0030","x":[{}],"name":"s","attributes":[{"key":"a","value":{"intValue":"1"}}]}"#)
        let attributes = [Attribute(key: utf8("a"), value: .int(1))]
        #expect(try text.withUnsafeBytes { try reader.resource($0) } == Resource(attributes: attributes))
        let scope = Scope(name: utf8("s"), version: utf8("1.0"), attributes: attributes)
        #expect(try text.withUnsafeBytes { try reader.scope($0) } == scope)
        for wrong in ["[]", "{"] {
            expectMalformed(try utf8(wrong).withUnsafeBytes { try reader.scope($0) }, "\(wrong)")
        }
        for (wrong, part) in [
            (#"{"name":1}"#, ExportPart.field), (#"{"version":{}}"#, .field), (#"{"attributes":{}}"#, .attribute),
        ] {
            var losses = DecodingLosses()
            #expect(try utf8(wrong).withUnsafeBytes { try reader.scopeIfText($0, losses: &losses) } == Scope())
            #expect(losses[part] == 1, "\(wrong)")
        }
    }

    @Test(
        "decoded attributes take no more memory than the limit",
        arguments: [
            "{}", #"{"value":{"arrayValue":{"values":[{},{},{},{}]}}}"#, #"{"key":"abcdefghijklmnop"}"#,
        ])
    func memoryIsBounded(element: String) throws {
        let text = "[" + Array(repeating: element, count: 10_000).joined(separator: ",") + "]"
        #expect(try attributes(text).count == 10_000)
        #expect {
            try attributes(text, limits: DecodingLimits { $0.maxDecodingMemory = 64 << 10 })
        } throws: { error in
            if case DecodingFailure.tooLarge = error { true } else { false }
        }
    }
}
