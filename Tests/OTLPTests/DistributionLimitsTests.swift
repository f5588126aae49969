import Settings
import Testing

@testable import OTLP

private typealias Message = ProtobufMessage

/// Hostile and broken exports of histograms, summaries and exemplars.
struct DistributionLimitsTests {
    private static let protobuf = Message.export(DistributionSample.all.map(\.protobuf)).bytes
    private static let json = Array(export(DistributionSample.all.map(\.json).joined(separator: ",")).utf8)

    @Test("R-PB-04 every truncation of a message is decoded or malformed")
    func everyTruncationEnds() throws {
        for sample in DistributionSample.all {
            let point = Message.export([sample.protobuf]).bytes
            for length in 1..<point.count {
                expectMalformed(try ReadExport(Array(point[..<length]), as: .protobuf), "\(sample.name) \(length)")
            }
            // Cut inside, with correct outer lengths: missing whole fields are valid.
            for length in 0..<sample.protobuf.bytes.count {
                let cut = Message.export([Message(bytes: Array(sample.protobuf.bytes[..<length]))]).bytes
                do throws(DecodingFailure) {
                    _ = try Self.read(cut, as: .protobuf)
                } catch {
                    guard case .malformed = error else {
                        Issue.record("\(sample.name) \(length): \(error)")
                        continue
                    }
                }
            }
        }
        for length in 0..<Self.json.count {
            expectMalformed(try ReadExport(Array(Self.json[..<length]), as: .json), "\(length)")
        }
    }

    private static func read(_ body: [UInt8], as encoding: WireEncoding) throws(DecodingFailure) -> ReadExport {
        do {
            return try ReadExport(body, as: encoding)
        } catch let failure as DecodingFailure {
            throw failure
        } catch {
            throw .malformed("not a failure of decoding: \(error)")
        }
    }

    @Test("R-PB-04 mutated messages are refused or fully decoded", arguments: 0..<8)
    func mutatedMessagesNeverCrash(seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(700 + seed))
        let limits = DecodingLimits { $0.maxDecodingMemory = 1 << 20 }
        let guarded = GuardedBytes(capacity: 1 << 14)
        var batch = MetricsBatch(limits: limits)
        var acceptedCount = 0
        for _ in 0..<3_000 {
            var body = Self.protobuf
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&body, &generator) }
            try guarded.withCopy(of: body) { raw in
                do throws(DecodingFailure) {
                    try batch.decode(raw, as: .protobuf)
                } catch {
                    #expect(batch.pointCount == 0 && batch.metrics.isEmpty)
                    return
                }
                // Attributes may still be malformed; everything that points refer to must exist.
                if (try? ReadExport(batch, limits: limits)) != nil { acceptedCount += 1 }
                let reader = AttributeReader(encoding: .protobuf, limits: limits)
                for exemplar in batch.points.exemplars { _ = try reader.attributes(exemplar.filteredAttributes) }
                for metric in batch.metrics { _ = try reader.attributes(metric.metadata) }
            }
        }
        #expect(acceptedCount > 100)
    }

    private func mutate(_ body: inout [UInt8], _ generator: inout SeededRandom) {
        let place = Int.random(in: 0..<body.count, using: &generator)
        let length = min(body.count - place, Int.random(in: 1...16, using: &generator))
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: body[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: body[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: body[place] = body[Int.random(in: 0..<body.count, using: &generator)]
        case 3: body.removeSubrange(place..<place + length)
        default:
            body.insert(
                contentsOf: Array(body[place..<place + length]), at: Int.random(in: 0..<body.count, using: &generator))
        }
    }

    /// Points whose rows or elements exceed the memory limit, although their bodies do not.
    private static let large: [(name: String, encoding: WireEncoding, body: @Sendable (Int) -> [UInt8])] = [
        ("histogram points", .protobuf, { protobuf(9, Message(), times: $0) }),
        ("exponential histogram points", .protobuf, { protobuf(10, Message(), times: $0) }),
        ("summary points", .protobuf, { protobuf(11, Message(), times: $0) }),
        ("packed counts", .protobuf, { protobuf(9, Message().bytes(6, [UInt8](repeating: 1, count: 64 * $0))) }),
        ("counts", .protobuf, { protobuf(9, repeated(Message().fixed64(6, 1), 8 * $0)) }),
        ("packed bounds", .protobuf, { protobuf(9, Message().bytes(7, [UInt8](repeating: 1, count: 64 * $0))) }),
        (
            "packed buckets", .protobuf,
            { protobuf(10, Message().message(8, Message().bytes(2, [UInt8](repeating: 1, count: 8 * $0)))) }
        ),
        ("buckets", .protobuf, { protobuf(10, Message().message(9, repeated(Message().varint(2, 1), 8 * $0))) }),
        ("quantiles", .protobuf, { protobuf(11, repeated(Message().message(6, Message()), 4 * $0)) }),
        // Of several points: one takes 1,000.
        (
            "exemplars", .protobuf,
            { protobuf(9, repeated(Message().message(8, Message()), min($0, 500)), times: max(1, $0 / 500)) }
        ),
        (
            "exemplars of numbers", .protobuf,
            { protobuf(5, repeated(Message().message(5, Message()), min($0, 500)), times: max(1, $0 / 500)) }
        ),
        ("histogram points", .json, { json("histogram", "{}", times: $0) }),
        ("exponential histogram points", .json, { json("exponentialHistogram", "{}", times: $0) }),
        ("summary points", .json, { json("summary", "{}", times: $0) }),
        ("counts", .json, { json("histogram", #"{"bucketCounts":[\#(list("1", 8 * $0))]}"#) }),
        ("bounds", .json, { json("histogram", #"{"explicitBounds":[\#(list("1", 8 * $0))]}"#) }),
        (
            "buckets", .json,
            { json("exponentialHistogram", #"{"positive":{"bucketCounts":[\#(list("1", 8 * $0))]}}"#) }
        ),
        ("quantiles", .json, { json("summary", #"{"quantileValues":[\#(list("{}", 4 * $0))]}"#) }),
        ("exemplars", .json, { json("gauge", #"{"exemplars":[\#(list("{}", $0))]}"#) }),
        (
            "ids", .json,
            { json("gauge", #"{"exemplars":[{\#(list(#""spanId":"0000000000000001""#, 4 * $0))}]}"#) }
        ),
    ]

    private static func repeated(_ message: Message, _ count: Int) -> Message {
        Message(bytes: Array(repeatElement(message.bytes, count: count).joined()))
    }

    private static func protobuf(_ field: UInt64, _ point: Message, times count: Int = 1) -> [UInt8] {
        Message.export([Message().message(field, repeated(Message().message(1, point), count))]).bytes
    }

    private static func list(_ element: String, _ count: Int) -> String {
        Array(repeating: element, count: count).joined(separator: ",")
    }

    private static func json(_ kind: String, _ point: String, times count: Int = 1) -> [UInt8] {
        Array(export(#"{"\#(kind)":{"dataPoints":[\#(list(point, count))]}}"#).utf8)
    }

    @Test("rows and elements beyond the memory limit are too large, not malformed", arguments: large.indices)
    func memoryIsBounded(index: Int) throws {
        let (name, encoding, body) = Self.large[index]
        let limits = DecodingLimits { $0.maxDecodingMemory = 256 << 10 }
        _ = try ReadExport(body(100), as: encoding, limits: limits)
        #expect("\(name)") {
            _ = try ReadExport(body(10_000), as: encoding, limits: limits)
        } throws: { error in
            if case DecodingFailure.tooLarge = error { true } else { false }
        }
    }

    @Test("offsets at both ends of their range allocate nothing in between")
    func farOffsetsAllocateNothing() throws {
        let ends = Message().message(8, Message().varint(1, 0xFFFF_FFFF).bytes(2, [1]))
            .message(9, Message().varint(1, 0xFFFF_FFFE).bytes(2, [1]))
        let body = Self.protobuf(10, ends)
        try body.withUnsafeBytes { raw in
            var batch = MetricsBatch(limits: DecodingLimits { $0.maxDecodingMemory = 64 << 10 })
            try batch.decode(raw, as: .protobuf)
            #expect(batch.points.bucketCounts == [1, 1])
        }
    }
}
