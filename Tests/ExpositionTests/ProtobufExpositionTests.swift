import OTLP
import Series
import Testing

@testable import Exposition

@Suite struct ProtobufExpositionTests {
    private static let gauge: [UInt8] = [
        // Length, name, HELP, type gauge.
        22, 0x0A, 1, UInt8(ascii: "g"), 0x12, 0, 0x18, 1,
        // Metric with gauge 1.0 and timestamp_ms 5.
        0x22, 13, 0x12, 9, 0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x30, 5,
    ]

    @Test("R-PBX-01 R-PBX-06 R-TS-02 a family byte by byte, with milliseconds if configured")
    func bytes() {
        let snapshot = SeriesSnapshot(families: [
            FamilySnapshot("g", .gauge, .int(1), time: 5_999_999), FamilySnapshot("empty", samples: []),
        ])
        #expect(protobuf(of: snapshot, settings: ExpositionSettings(timestamps: true)) == Self.gauge)
        var without = Self.gauge.dropLast(2)
        without[0] -= 2
        without[9] -= 2
        #expect(protobuf(of: snapshot) == Array(without))
        #expect(protobuf(of: SeriesSnapshot()).isEmpty)
    }

    @Test(
        "R-PBX-01 the bytes are the same with any cached parts of a family and any piece size",
        arguments: [UInt64(7), 8])
    func bufferDoesNotMatter(seed: UInt64) {
        let snapshot = RandomSnapshot(seed: seed, hasQuotedNames: false).snapshot
        let expected = protobuf(of: snapshot)
        for (limit, size) in [(0, 64 << 10), (1, 100), (500, 17), (2000, 333), (1 << 20, 7)] {
            #expect(protobuf(of: snapshot, bufferLimit: limit, pieceSize: size) == expected)
            #expect(protobuf(of: snapshot, bufferLimit: limit, pieceSize: size, isPrepared: true) == expected)
        }
    }

    @Test("R-TYPE-06 a native histogram with an unsupported scale is left out, other series of its family stay")
    func impossibleScales() {
        let good = FamilySnapshot("n", .nativeHistogram, DistributionTextTests.native)
        var mixed = good
        mixed.samples.append(
            SeriesSample(
                labels: Array(#"a="b""#.utf8),
                value: .nativeHistogram(NativeHistogramValue(scale: -5, count: 1, sum: 1))))
        #expect(
            protobuf(of: SeriesSnapshot(families: [mixed])) == protobuf(of: SeriesSnapshot(families: [good])))
        mixed.samples.removeFirst()
        #expect(protobuf(of: SeriesSnapshot(families: [mixed])).isEmpty)
    }

    @Test("R-EX-03 counters, buckets and native histograms have exemplars, gauges none")
    func exemplars() {
        let exemplar = SampleExemplar(#"trace_id="5b8e""#, 1, time: 1_700_000_050_000_000_000)
        let traceID = Array("5b8e".utf8)
        for (type, value, isShown) in [
            (FamilyType.counter, SeriesValue.int(1), true), (.gauge, .int(1), false),
            (.histogram, DistributionTextTests.histogram, true), (.nativeHistogram, DistributionTextTests.native, true),
            (.summary, DistributionTextTests.summary, false),
        ] {
            let bytes = protobuf(
                of: SeriesSnapshot(families: [FamilySnapshot("m", type, value, exemplars: [exemplar])]))
            let found = bytes.indices.contains { bytes[$0...].starts(with: traceID) }
            #expect(found == isShown, "\(type)")
        }
    }

    @Test("a sample beyond the memory limit of a message is left out, without a trap")
    func memoryIsBounded() {
        let message = MetricMessage(settings: ExpositionSettings(), limitBytes: 4096)
        var packed: [UInt8] = []
        for (size, fits) in [(10, true), (5000, false), (20, true)] {
            let label = "k=\"" + String(repeating: "x", count: size) + "\""
            let sample = SeriesSample(labels: Array(label.utf8), value: .int(1))
            packed = []
            #expect(message.append(sample, type: .gauge, escaping: .underscores, to: &packed) == fits)
            #expect(packed.isEmpty == !fits)
        }
    }
}
