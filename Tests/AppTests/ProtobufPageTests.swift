import Testing

/// The protobuf format, field by field, from an export to the page, on sockets. The numbers are those of
/// io.prometheus.client.
@Suite struct ProtobufPageTests {
    private static let accept =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

    /// The only family of the page after an export of one metric.
    private static func family(_ collector: AppInProcess, of metric: String) throws -> ProtobufFields {
        _ = try collector.post(DraftJSON.export(metric))
        let reply = try HTTPClient.exchange(
            port: collector.metricsPort, "GET", "/metrics", headers: [("Accept", accept)])
        let body = reply.body
        var length = 0
        var position = 0
        repeat {
            length |= Int(try #require(body.dropFirst(position).first) & 0x7F) << (7 * position)
            position += 1
        } while body[position - 1] >= 0x80
        #expect(position + length == body.count)
        return try #require(ProtobufFields(Array(body[position...])))
    }

    @Test("R-PBX-01 R-PBX-02 R-PBX-03 R-PBX-06 R-ST-01 R-NAME-12 R-NAME-13 a counter")
    func counter() async throws {
        try await AppInProcess.run { collector in
            let family = try Self.family(
                collector,
                of: DraftJSON.sum(
                    "c", metric: #""unit":"s","description":"what it is","#,
                    #""asInt":"3",\#(DraftJSON.times(5, 10)),"attributes":[\#(DraftJSON.attribute("k", "v")),"#
                        + #"\#(DraftJSON.attribute("a", "b"))],"exemplars":[{"asDouble":0.5,"#
                        + #""timeUnixNano":"\#(DraftJSON.seconds(7))","spanId":"eee19b7ec3c1b174"}]"#))
            #expect(family.text(1) == "c_seconds_total")
            #expect(family.text(2) == "what it is")
            #expect(family.varint(3) ?? 0 == 0)
            #expect(family.text(5) == "seconds")
            let metric = try #require(family.message(4))
            #expect(metric.messages(1).map { $0.text(1) } == ["a", "k"])
            #expect(metric.messages(1).map { $0.text(2) } == ["b", "v"])
            let counter = try #require(metric.message(3))
            #expect(counter.double(1) == 3)
            #expect(counter.message(3)?.varint(1) == 1_700_000_005)
            let exemplar = try #require(counter.message(2))
            #expect(exemplar.message(1)?.text(1) == "span_id")
            #expect(exemplar.message(1)?.text(2) == "eee19b7ec3c1b174")
            #expect(exemplar.double(2) == 0.5)
            #expect(exemplar.message(3)?.varint(1) == 1_700_000_007)
        }
    }

    @Test("R-PBX-02 R-PBX-06 R-ST-01 R-EX-03 a histogram")
    func histogram() async throws {
        try await AppInProcess.run { collector in
            let exemplars = "\(DraftJSON.exemplar(0.5, time: 7)),\(DraftJSON.exemplar(3, time: 8))"
            let family = try Self.family(
                collector,
                of: DraftJSON.histogram(
                    "h", bounds: [1, 2], counts: [1, 0, 4], start: 5, time: 10, exemplars: exemplars))
            #expect(family.varint(3) == 4)
            let value = try #require(family.message(4)?.message(7))
            #expect(value.varint(1) == 5)
            #expect(value.double(2) == 4)
            #expect(value.message(15)?.varint(1) == 1_700_000_005)
            let buckets = value.messages(3)
            #expect(buckets.map { $0.varint(1) ?? 0 } == [1, 1, 5])
            #expect(buckets.map { $0.double(2) } == [1, 2, .infinity])
            #expect(buckets.map { $0.message(3)?.double(2) } == [0.5, nil, 3])
            #expect(buckets.last?.message(3)?.message(3)?.varint(1) == 1_700_000_008)
        }
    }

    @Test("R-PBX-02 R-PBX-06 R-ST-01 R-TYPE-12 a summary")
    func summary() async throws {
        try await AppInProcess.run { collector in
            let family = try Self.family(
                collector,
                of: DraftJSON.summary(
                    "s", count: 3, start: 5, time: 10,
                    quantiles: #"{"quantile":0.9,"value":7},{"quantile":0.5,"value":2}"#))
            #expect(family.varint(3) == 2)
            let value = try #require(family.message(4)?.message(4))
            #expect(value.varint(1) == 3)
            #expect(value.double(2) == 4)
            #expect(value.messages(3).map { $0.double(1) } == [0.5, 0.9])
            #expect(value.messages(3).map { $0.double(2) } == [2, 7])
            #expect(value.message(4)?.varint(1) == 1_700_000_005)
        }
    }

    @Test("R-PBX-04 R-PBX-05 R-TYPE-06 an exponential histogram, and an empty one")
    func nativeHistogram() async throws {
        let point = { (rest: String) in
            #"{"name":"n","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{"#
                + #"\#(DraftJSON.times(5, 10)),"scale":-1,"sum":4,\#(rest)}]}}"#
        }
        try await AppInProcess.run { collector in
            let family = try Self.family(
                collector,
                of: point(
                    #""count":"9","zeroCount":"2","zeroThreshold":0.25,"exemplars":[\#(DraftJSON.exemplar(3, time: 8))],"#
                        + #""positive":{"offset":1,"bucketCounts":[3,1]},"negative":{"offset":-4,"bucketCounts":[3]}"#))
            #expect(family.varint(3) == 4)
            let value = try #require(family.message(4)?.message(7))
            #expect(value.varint(1) == 9)
            #expect(value.varint(5) == Self.zigzag(-1))
            #expect(value.double(6) == 0.25)
            #expect(value.varint(7) == 2)
            #expect(value.message(9)?.varint(1) == Self.zigzag(-3) && value.message(9)?.varint(2) == 1)
            #expect(value.varints(10) == [Self.zigzag(3)])
            #expect(value.message(12)?.varint(1) == Self.zigzag(2) && value.message(12)?.varint(2) == 2)
            #expect(value.varints(13) == [Self.zigzag(3), Self.zigzag(-2)])
            #expect(value.messages(16).map { $0.double(2) } == [3])
        }
        try await AppInProcess.run { collector in
            let family = try Self.family(collector, of: point(#""count":"0""#))
            let value = try #require(family.message(4)?.message(7))
            #expect(value.double(6) == 1e-128)
            #expect(value.message(12)?.varint(1) ?? 0 == 0 && value.message(12)?.varint(2) ?? 0 == 0)
            #expect(value.messages(12).count == 1)
        }
    }

    @Test("R-ST-02 without a start there is no start timestamp")
    func noStart() async throws {
        try await AppInProcess.run { collector in
            let family = try Self.family(
                collector, of: DraftJSON.sum("c", #""asInt":"3","timeUnixNano":"\#(DraftJSON.seconds(10))""#))
            let counter = try #require(family.message(4)?.message(3))
            #expect(counter.double(1) == 3)
            #expect(counter.messages(3).isEmpty)
        }
    }

    private static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }
}

extension ProtobufFields {
    /// All elements of a repeated message.
    fileprivate func messages(_ number: Int) -> [ProtobufFields] {
        fields.compactMap { field in
            guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
            return ProtobufFields(bytes)
        }
    }

    /// All elements of a repeated varint, packed or not, of one byte each.
    fileprivate func varints(_ number: Int) -> [UInt64] {
        fields.filter { $0.number == number }.flatMap { field -> [UInt64] in
            switch field.value {
            case .varint(let value): return [value]
            case .bytes(let bytes): return bytes.map { UInt64($0) }
            case .fixed: return []
            }
        }
    }
}
