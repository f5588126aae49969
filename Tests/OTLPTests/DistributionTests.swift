import Testing

@testable import OTLP

private typealias Message = ProtobufMessage

/// The points of the only metric of an export in protobuf.
private func points(_ metric: ProtobufMessage) throws -> [ReadExport.Point] {
    try #require(try ReadExport(ProtobufMessage.export([metric]).bytes, as: .protobuf).metrics.first).points
}

/// The only point of a metric in protobuf whose data is field `field`.
private func point(_ field: UInt64, _ point: ProtobufMessage) throws -> ReadExport.Point {
    try #require(try points(ProtobufMessage().message(field, ProtobufMessage().message(1, point))).first)
}

/// The only point of a metric in JSON.
private func point(_ kind: String, _ point: String) throws -> ReadExport.Point {
    let body = Array(export(#"{"\#(kind)":{"dataPoints":[\#(point)]}}"#).utf8)
    return try #require(try ReadExport(body, as: .json).metrics.first?.points.first)
}

@Suite struct DistributionTests {
    @Test(
        "R-PB-06 R-PB-07 R-PB-08 R-JSON-03 R-JSON-05 R-JSON-08 R-JSON-12 R-JSON-19 both encodings decode to the same",
        arguments: DistributionSample.all)
    func encodingsAgree(sample: DistributionSample) throws {
        let protobuf = try ReadExport(Message.export([sample.protobuf]).bytes, as: .protobuf)
        let json = try ReadExport(Array(export(sample.json).utf8), as: .json)
        #expect(protobuf.metrics == [sample.metric])
        #expect(json.metrics == [sample.metric])
    }

    @Test("the points of many metrics stay separate")
    func pointsDoNotMix() throws {
        let samples = DistributionSample.all + DistributionSample.all.reversed()
        let protobuf = try ReadExport(Message.export(samples.map(\.protobuf)).bytes, as: .protobuf)
        let json = try ReadExport(Array(export(samples.map(\.json).joined(separator: ",")).utf8), as: .json)
        #expect(protobuf.metrics == samples.map(\.metric))
        #expect(json.metrics == samples.map(\.metric))
    }

    @Test("a batch can be reused after exports of other kinds, and counts all points")
    func batchIsUsedAgain() throws {
        var batch = MetricsBatch()
        for sample in DistributionSample.all + DistributionSample.all {
            for (body, encoding) in [
                (Message.export([sample.protobuf]).bytes, WireEncoding.protobuf),
                (Array(export(sample.json).utf8), .json),
            ] {
                try body.withUnsafeBytes { raw in
                    try batch.decode(raw, as: encoding)
                    #expect(try ReadExport(batch).metrics == [sample.metric])
                    #expect(batch.pointCount == sample.metric.points.count)
                    let broken = UnsafeRawBufferPointer(rebasing: raw.dropLast())
                    #expect(throws: DecodingFailure.self) { try batch.decode(broken, as: encoding) }
                    #expect(batch.pointCount == 0 && batch.metrics.isEmpty && batch.points.exemplars.isEmpty)
                    #expect(
                        batch.points.bucketCounts.isEmpty && batch.points.explicitBounds.isEmpty
                            && batch.points.quantiles.isEmpty)
                }
            }
        }
    }
}

// MARK: - Protobuf

extension DistributionTests {
    @Test("R-PB-02 repeated scalars are decoded packed, unpacked, empty and mixed")
    func packedAndUnpackedScalarsAreAccepted() throws {
        let words = DistributionSample.words
        let histogram = Message().fixed64(6, 1).fixed64(7, 1.5.bitPattern).bytes(6, words([2, 3])).bytes(6, [])
            .bytes(7, words([(2.5).bitPattern])).fixed64(6, .max).bytes(7, []).fixed64(7, 3.5.bitPattern)
        #expect(
            try point(9, histogram)
                == ReadExport.Point(bucketCounts: [1, 2, 3, .max], explicitBounds: [1.5, 2.5, 3.5]))
        let buckets = Message().varint(2, 1).bytes(2, [2] + Message.varint(.max)).bytes(2, []).varint(2, 300)
        let exponential = Message().message(9, buckets)
        #expect(
            try point(10, exponential)
                == ReadExport.Point(negative: ReadExport.Buckets(counts: [1, 2, .max, 300])))
    }

    @Test("R-PB-03 buckets sent in parts are merged, in any order")
    func bucketsInPartsAreMerged() throws {
        func part(_ offset: UInt64, _ counts: [UInt8]) -> Message { Message().varint(1, offset).bytes(2, counts) }
        let exponential = Message().message(8, part(2, [1])).message(9, part(4, [7])).message(8, part(6, [2, 3]))
            .message(9, Message().bytes(2, [8])).message(8, Message().varint(2, 4))
        #expect(
            try point(10, exponential)
                == ReadExport.Point(
                    positive: ReadExport.Buckets(offset: 3, counts: [1, 2, 3, 4]),
                    negative: ReadExport.Buckets(offset: 2, counts: [7, 8])))
    }

    @Test("R-PB-03 a hundred thousand alternating parts of buckets take linear time")
    func bucketsInManyPartsAreMerged() throws {
        let turn = Message().message(8, Message().bytes(2, [1])).message(9, Message().bytes(2, [2])).bytes
        let many = Message(bytes: Array(repeatElement(turn, count: 100_000).joined()))
        let merged = try point(10, many)
        #expect(merged.positive.counts == Array(repeating: 1, count: 100_000))
        #expect(merged.negative.counts == Array(repeating: 2, count: 100_000))
    }

    @Test("R-PB-03 the last scalar wins in points, buckets, quantiles and exemplars")
    func lastScalarWins() throws {
        let header = Message().fixed64(2, 1).fixed64(2, 5).fixed64(3, 1).fixed64(3, 10).fixed64(4, 1).fixed64(4, 2)
            .fixed64(5, 1.0.bitPattern).fixed64(5, 2.0.bitPattern)
        #expect(
            try point(9, header.varint(10, 1).varint(10, 0))
                == ReadExport.Point(startTime: 5, time: 10, count: 2, sum: 2))
        #expect(
            try point(10, header.varint(6, 1).varint(6, 2).fixed64(7, 1).fixed64(7, 2).fixed64(14, 1).fixed64(14, 0))
                == ReadExport.Point(startTime: 5, time: 10, count: 2, sum: 2, scale: 1, zeroCount: 2))
        let quantile = Message().fixed64(1, 1).fixed64(1, 0.5.bitPattern).fixed64(2, 1).fixed64(2, 4.0.bitPattern)
        #expect(
            try point(11, header.message(6, quantile))
                == ReadExport.Point(
                    startTime: 5, time: 10, count: 2, sum: 2, quantiles: [QuantileValue(quantile: 0.5, value: 4)]))
        let exemplar = Message().fixed64(2, 1).fixed64(2, 2).fixed64(3, 1).fixed64(6, 3).bytes(4, [1]).bytes(
            4, DistributionSample.spanID
        ).bytes(5, DistributionSample.traceID).bytes(5, [])
        #expect(
            try point(9, Message().message(8, exemplar)).exemplars == [
                ReadExport.Exemplar(time: 2, value: .int(3), spanID: DistributionSample.spanID)
            ])
    }

    @Test("R-PB-03 data of one kind in parts is merged, data of another kind replaces it")
    func dataIsMergedOrReplaced() throws {
        func histogram(_ count: UInt64) -> Message { Message().message(1, Message().fixed64(4, count)) }
        let merged = Message().message(9, histogram(1)).message(9, histogram(2).varint(2, 1))
        let replaced = merged.message(10, histogram(3)).message(11, histogram(4)).message(9, histogram(5))
        let export = try ReadExport(Message.export([merged, replaced, merged]).bytes, as: .protobuf)
        #expect(export.metrics.map { $0.points.map(\.count) } == [[1, 2], [5], [1, 2]])
        #expect(export.metrics.map(\.temporality) == [.delta, .unspecified, .delta])
    }

    @Test("R-PB-01 R-PB-03 attributes scattered over a point, an exemplar or a metric are collected")
    func scatteredAttributesAreGathered() throws {
        let expected = [DistributionSample.attribute("a", "1"), DistributionSample.attribute("b", "2")]
        func scattered(_ field: UInt64) -> Message {
            Message().message(field, Message.keyValue("a", "1")).fixed64(99, 5).group(98, Message().varint(1, 1))
                .message(field, Message.keyValue("b", "2"))
        }
        #expect(try point(9, scattered(9)).attributes == expected)
        #expect(try point(10, scattered(1)).attributes == expected)
        #expect(try point(11, scattered(7)).attributes == expected)
        #expect(try point(9, Message().message(8, scattered(7))).exemplars.map(\.attributes) == [expected])
        let metric = try ReadExport(Message.export([scattered(12)]).bytes, as: .protobuf).metrics.first
        #expect(metric?.metadata == expected)
    }

    @Test("R-PB-06 offsets and scales are zig-zag coded, of longer varints the low 32 bits")
    func offsetsAreZigZagCoded() throws {
        let cases: [(UInt64, Int32)] = [
            (0, 0), (1, -1), (2, 1), (3, -2), (0xFFFF_FFFE, .max), (0xFFFF_FFFF, .min), (1 << 32 | 1, -1),
            (.max, .min),
        ]
        for (coded, offset) in cases {
            let read = try point(10, Message().varint(6, coded).message(8, Message().varint(1, coded)))
            #expect(read.scale == offset)
            #expect(read.positive.offset == offset)
        }
    }

    @Test("R-PB-01 fields of the wrong wire type are skipped")
    func wrongWireTypesAreSkipped() throws {
        var wrong = Message()
        for field: UInt64 in 1...14 { wrong = wrong.fixed32(field, 7) }
        #expect(try point(9, wrong.varint(6, 3).varint(4, 3)) == ReadExport.Point())
        #expect(try point(10, wrong.varint(8, 3).fixed64(6, 3)) == ReadExport.Point())
        #expect(try point(11, wrong.fixed64(6, 3)) == ReadExport.Point(sum: 0))
        #expect(try point(9, Message().message(8, wrong.varint(5, 3))).exemplars == [ReadExport.Exemplar()])
    }

    @Test("an id of the wrong length is ignored, like one of zeros", arguments: [0, 1, 7, 8, 9, 15, 16, 17, 32])
    func idsHaveTheirLength(length: Int) throws {
        let id = Array(repeating: UInt8(1), count: length)
        let exemplar = try #require(
            try point(9, Message().message(8, Message().bytes(4, id).bytes(5, id))).exemplars.first)
        #expect(exemplar.spanID == (length == 8 ? id : []))
        #expect(exemplar.traceID == (length == 16 ? id : []))
    }

    @Test("R-PB-05 attributes that are not UTF-8 are malformed in metadata, and lose an exemplar")
    func invalidUTF8IsMalformed() throws {
        let attribute = Message().text(1, "a").message(2, Message().bytes(1, [0xFF]))
        let metadata = Message.export([Message().message(12, attribute)]).bytes
        var batch = MetricsBatch()
        try metadata.withUnsafeBytes { raw in expectMalformed(try batch.decode(raw, as: .protobuf)) }
        for metric in [
            Message().message(9, Message().message(1, Message().message(8, Message().message(7, attribute)))),
            Message().message(10, Message().message(1, Message().message(11, Message().message(7, attribute)))),
            Message.sum("c", [Message().message(5, Message().message(7, attribute))]),
        ] {
            let body = Message.export([metric]).bytes
            try body.withUnsafeBytes { raw in
                try batch.decode(raw, as: .protobuf)
                #expect(batch.pointCount == 1)
                #expect(batch.points.exemplars.isEmpty)
                #expect(batch.losses[.exemplar] == 1)
            }
        }
    }

    @Test("an id of the wrong length is reported, one of zeros or none is not", arguments: [0, 1, 7, 8, 9, 15, 16, 17])
    func wrongIDsAreTold(length: Int) throws {
        for byte: UInt8 in [0, 1] {
            let id = Array(repeating: byte, count: length)
            let exemplar = Message().bytes(4, id).bytes(5, id)
            var batch = MetricsBatch()
            try Message.export([Message.sum("c", [Message().message(5, exemplar)])]).bytes.withUnsafeBytes { raw in
                try batch.decode(raw, as: .protobuf)
                #expect(batch.points.exemplars.count == 1)
                #expect(batch.losses[.identifier] == (length == 0 ? 0 : length == 8 || length == 16 ? 1 : 2))
            }
        }
    }
}

// MARK: - JSON

extension DistributionTests {
    @Test("R-JSON-07 R-JSON-08 counts keep every digit and may be written in any integral form")
    func countsKeepEveryDigit() throws {
        let counts = ["18446744073709551615", #""18446744073709551615""#, "1.8446744073709551615e19"]
        for count in counts {
            let histogram = try point("histogram", #"{"count":\#(count),"bucketCounts":[\#(count),0,\#(count)]}"#)
            #expect(histogram == ReadExport.Point(count: .max, bucketCounts: [.max, 0, .max]))
            let buckets = #"{"bucketCounts":[1,\#(count)]}"#
            let exponential = try point(
                "exponentialHistogram", #"{"count":\#(count),"zeroCount":\#(count),"negative":\#(buckets)}"#)
            #expect(
                exponential
                    == ReadExport.Point(
                        count: .max, zeroCount: .max, negative: ReadExport.Buckets(counts: [1, .max])))
            #expect(try point("summary", #"{"count":\#(count)}"#) == ReadExport.Point(count: .max, sum: 0))
        }
    }

    @Test("R-JSON-11 R-JSON-12 sums, bounds, thresholds and quantiles are numbers, strings or words")
    func doublesInAnyForm() throws {
        let histogram = try point("histogram", #"{"sum":"1e3","explicitBounds":["-Infinity",-0.5,"2.5","Infinity"]}"#)
        #expect(histogram == ReadExport.Point(sum: 1000, explicitBounds: [-.infinity, -0.5, 2.5, .infinity]))
        #expect(try point("histogram", #"{"sum":"NaN"}"#).sum?.isNaN == true)
        #expect(try point("exponentialHistogram", #"{"zeroThreshold":"0.5"}"#).zeroThreshold == 0.5)
        let summary = try point("summary", #"{"quantileValues":[{"quantile":"0.5","value":"NaN"}]}"#)
        #expect(summary.quantiles.first?.quantile == 0.5)
        #expect(summary.quantiles.first?.value.isNaN == true)
    }

    @Test("R-JSON-16 of a duplicate key in a point the last one wins, null unsets")
    func lastKeyWins() throws {
        #expect(
            try point("histogram", #"{"bucketCounts":[1,2],"explicitBounds":[1],"bucket_counts":[3],"sum":1}"#)
                == ReadExport.Point(sum: 1, bucketCounts: [3], explicitBounds: [1]))
        #expect(
            try point("histogram", #"{"bucketCounts":[1],"sum":1,"exemplars":[{}],"bucketCounts":null,"sum":null}"#)
                == ReadExport.Point(exemplars: [ReadExport.Exemplar()]))
        #expect(
            try point(
                "exponentialHistogram",
                #"{"positive":{"offset":1,"bucketCounts":[1]},"negative":{},"positive":{"bucketCounts":[2]}}"#)
                == ReadExport.Point(positive: ReadExport.Buckets(counts: [2])))
        #expect(
            try point("summary", #"{"quantileValues":[{"value":1}],"quantileValues":[]}"#) == ReadExport.Point(sum: 0))
        let exemplars = #""exemplars":[{"asInt":1},{"asInt":2}]"#
        #expect(
            try point("gauge", #"{\#(exemplars),"exemplars":[{"asDouble":3}]}"#).exemplars == [
                ReadExport.Exemplar(value: .double(3))
            ])
        #expect(try point("gauge", #"{\#(exemplars),"exemplars":null}"#).exemplars == [])
    }

    @Test("R-JSON-03 ids are decoded from hexadecimal digits of either case, the last one given wins")
    func idsAreDecoded() throws {
        let span = #""spanId":"EEE19b7ec3c1b174""#
        func exemplar(_ text: String) throws -> ReadExport.Exemplar? {
            try point("histogram", #"{"exemplars":[{\#(text)}]}"#).exemplars.first
        }
        #expect(try exemplar(span)?.spanID == DistributionSample.spanID)
        #expect(try exemplar(#"\#(span),"span_id":"0000000000000001""#)?.spanID == [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(try exemplar(#"\#(span),"spanId":"""#)?.spanID == [])
        #expect(try exemplar(#"\#(span),"spanId":null"#)?.spanID == [])
        #expect(try exemplar(#"\#(span),"spanId":"0000000000000000""#)?.spanID == [])
    }

    @Test("R-JSON-14 filtered attributes and metadata are decoded like other attributes")
    func filteredAttributesAreRead() throws {
        let list = #"[{"key":"b","value":{"bytesValue":"_-8"}},{"key":"i","value":{"intValue":"7"}}]"#
        let expected = [
            Attribute(key: Array("b".utf8), value: .bytes([0xFF, 0xEF])),
            Attribute(key: Array("i".utf8), value: .int(7)),
        ]
        #expect(
            try point("gauge", #"{"exemplars":[{"filteredAttributes":\#(list)}]}"#).exemplars.map(\.attributes) == [
                expected
            ])
        #expect(try point("histogram", #"{"attributes":\#(list)}"#).attributes == expected)
        let metric = try ReadExport(Array(export(#"{"metadata":\#(list)}"#).utf8), as: .json).metrics.first
        #expect(metric?.metadata == expected)
    }
}
