import Testing

@testable import OTLP

/// The same metric in both encodings, with its decoded content.
struct DistributionSample: Sendable {
    var name: String
    var protobuf: ProtobufMessage
    var json: String
    var metric: ReadExport.Metric

    private typealias Message = ProtobufMessage

    static let all = [histogram, exponentialHistogram, summary, exemplars, bare]

    static let traceID: [UInt8] = [
        0x5B, 0x8E, 0xFF, 0xF7, 0x98, 0x03, 0x81, 0x03, 0xD2, 0x69, 0xB6, 0x33, 0x81, 0x3F, 0xC6, 0x0C,
    ]
    static let spanID: [UInt8] = [0xEE, 0xE1, 0x9B, 0x7E, 0xC3, 0xC1, 0xB1, 0x74]

    static func attribute(_ key: String, _ value: String) -> Attribute {
        Attribute(key: Array(key.utf8), value: .string(Array(value.utf8)))
    }

    static func words(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    private static let histogram = DistributionSample(
        name: "histogram",
        protobuf: Message().text(1, "h").message(
            9,
            Message().varint(2, 1).message(
                1,
                Message().message(9, Message.keyValue("a", "1")).message(9, Message.keyValue("b", "ü"))
                    .fixed64(2, 1_700_000_000_000_000_000).fixed64(3, .max).fixed64(4, .max)
                    .fixed64(5, 902.1659504395827.bitPattern).bytes(6, words([1, .max, 1 << 53 | 1]))
                    .bytes(7, words([(-1.5).bitPattern, 1e-9.bitPattern])).varint(10, 4_294_967_295)
                    .fixed64(11, 0.5.bitPattern).fixed64(12, 3.0.bitPattern))
        ).message(12, Message.keyValue("prometheus.type", "histogram")),
        json: #"""
            {"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{
            "attributes":[{"key":"a","value":{"stringValue":"1"}},{"key":"b","value":{"stringValue":"\u00fc"}}],
            "startTimeUnixNano":"1700000000000000000","timeUnixNano":"18446744073709551615",
            "count":"18446744073709551615","sum":902.1659504395827,
            "bucketCounts":["1",18446744073709551615,9007199254740993],"explicitBounds":["-1.5",1e-9],
            "flags":4294967295,"min":0.5,"max":3e0}]},
            "metadata":[{"key":"prometheus.type","value":{"stringValue":"histogram"}}]}
            """#,
        metric: ReadExport.Metric(
            name: "h", kind: .histogram, temporality: .delta,
            metadata: [attribute("prometheus.type", "histogram")],
            points: [
                ReadExport.Point(
                    attributes: [attribute("a", "1"), attribute("b", "ü")], startTime: 1_700_000_000_000_000_000,
                    time: .max, flags: .max, count: .max, sum: 902.1659504395827,
                    bucketCounts: [1, .max, 1 << 53 | 1], explicitBounds: [-1.5, 1e-9])
            ]))

    private static let exponentialHistogram = DistributionSample(
        name: "exponential histogram",
        protobuf: Message().text(1, "e").message(
            10,
            Message().varint(2, 2).message(
                1,
                Message().message(1, Message.keyValue("a", "1")).fixed64(2, 5).fixed64(3, 10).fixed64(4, 15)
                    .fixed64(5, 12.5.bitPattern).varint(6, 5).fixed64(7, .max)
                    .message(
                        8,
                        Message().varint(1, 0xFFFF_FFFF)
                            .bytes(2, Message.varint(.max) + Message.varint(0) + Message.varint(300))
                    )
                    .message(9, Message().varint(1, 0xFFFF_FFFE).bytes(2, [4])).varint(10, 1)
                    .fixed64(12, (-3.0).bitPattern).fixed64(13, 9.0.bitPattern).fixed64(14, 1e-6.bitPattern))),
        json: #"""
            {"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"count":15,"sum":"12.5",
            "attributes":[{"key":"a","value":{"stringValue":"1"}}],"startTimeUnixNano":5,"timeUnixNano":"1e1",
            "scale":-3,"zeroCount":"18446744073709551615","zeroThreshold":1e-6,"min":-3,"max":9,"flags":1,
            "positive":{"offset":-2147483648,"bucketCounts":["18446744073709551615","0",300.0]},
            "negative":{"offset":"2147483647","bucketCounts":[4]}}]}}
            """#,
        metric: ReadExport.Metric(
            name: "e", kind: .exponentialHistogram, temporality: .cumulative,
            points: [
                ReadExport.Point(
                    attributes: [attribute("a", "1")], startTime: 5, time: 10, flags: 1, count: 15, sum: 12.5,
                    scale: -3, zeroCount: .max, zeroThreshold: 1e-6,
                    positive: ReadExport.Buckets(offset: .min, counts: [.max, 0, 300]),
                    negative: ReadExport.Buckets(offset: .max, counts: [4]))
            ]))

    private static let summary = DistributionSample(
        name: "summary",
        protobuf: Message().text(1, "s").message(
            11,
            Message().message(
                1,
                Message().message(7, Message.keyValue("a", "1")).fixed64(2, 5).fixed64(3, 10).fixed64(4, .max - 1)
                    .fixed64(5, (-0.1).bitPattern)
                    .message(6, Message().fixed64(1, 0.5.bitPattern).fixed64(2, 1.25.bitPattern))
                    .message(6, Message()).message(6, Message().fixed64(2, Double.infinity.bitPattern)).varint(8, 1))),
        json: #"""
            {"name":"s","summary":{"dataPoints":[{"attributes":[{"key":"a","value":{"stringValue":"1"}}],"flags":"1",
            "startTimeUnixNano":"5","timeUnixNano":"10","count":"18446744073709551614","sum":-0.1,
            "quantileValues":[{"quantile":0.5,"value":"1.25"},null,{"value":"Infinity"}]}]}}
            """#,
        metric: ReadExport.Metric(
            name: "s", kind: .summary,
            points: [
                ReadExport.Point(
                    attributes: [attribute("a", "1")], startTime: 5, time: 10, flags: 1, count: .max - 1, sum: -0.1,
                    quantiles: [
                        QuantileValue(quantile: 0.5, value: 1.25), QuantileValue(quantile: 0, value: 0),
                        QuantileValue(quantile: 0, value: .infinity),
                    ])
            ]))

    private static let exemplars = DistributionSample(
        name: "exemplars",
        protobuf: Message().text(1, "c").message(
            7,
            Message().varint(2, 2).varint(3, 1).message(
                1,
                Message().message(
                    5,
                    Message().message(7, Message.keyValue("user", "😀")).fixed64(2, 7).fixed64(3, 0.7.bitPattern)
                        .bytes(4, spanID).bytes(5, traceID)
                ).fixed64(6, 3)
                    .message(
                        5,
                        Message().fixed64(6, UInt64(bitPattern: .min)).bytes(4, Array(repeating: 0, count: 8))
                            .bytes(5, Array(repeating: 0, count: 16))
                    )
                    .message(5, Message())
            ).message(1, Message().fixed64(6, 4))
                .message(1, Message().fixed64(6, 5).message(5, Message().fixed64(2, 9)))),
        json: #"""
            {"name":"c","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"3","exemplars":[
            {"timeUnixNano":"7","asDouble":0.7,"traceId":"5B8EFFF798038103d269b633813fc60\u0063",
            "spanId":"eee19b7ec3c1b174","filteredAttributes":[{"key":"user","value":{"stringValue":"\ud83d\ude00"}}]},
            {"asInt":"-9223372036854775808","traceId":"00000000000000000000000000000000","spanId":"0000000000000000"},
            {}]},{"asInt":4},{"asInt":5,"exemplars":[{"timeUnixNano":9}]}]}}
            """#,
        metric: ReadExport.Metric(
            name: "c", kind: .sum, temporality: .cumulative, isMonotonic: true,
            points: [
                ReadExport.Point(
                    value: .int(3),
                    exemplars: [
                        ReadExport.Exemplar(
                            attributes: [attribute("user", "😀")], time: 7, value: .double(0.7), traceID: traceID,
                            spanID: spanID),
                        ReadExport.Exemplar(value: .int(.min)), ReadExport.Exemplar(),
                    ]),
                ReadExport.Point(value: .int(4)),
                ReadExport.Point(value: .int(5), exemplars: [ReadExport.Exemplar(time: 9)]),
            ]))

    /// Points without fields: an absent sum of a histogram is not 0 (R-PB-07).
    private static let bare = DistributionSample(
        name: "bare points",
        protobuf: Message().message(
            9, Message().message(1, Message()).message(1, Message().message(8, Message()).fixed64(5, 0))),
        json: #"{"histogram":{"dataPoints":[{},{"exemplars":[null],"sum":0}]}}"#,
        metric: ReadExport.Metric(
            kind: .histogram,
            points: [ReadExport.Point(), ReadExport.Point(sum: 0, exemplars: [ReadExport.Exemplar()])]))
}

extension DistributionSample: CustomTestStringConvertible {
    var testDescription: String { name }
}
