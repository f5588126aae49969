import Foundation
import Testing

@testable import OTLP

private typealias Message = ProtobufMessage

/// The outer messages of an export. The expectations are those of protobuf-c, which read them before.
@Suite struct ProtobufEnvelopeTests {
    private static let metric = Message.sum("c", [Message().fixed64(3, 10).fixed64(6, 7)])
    private static let metrics = Message().message(2, metric)
    private static let scope = Message().message(1, Message().text(1, "s"))
    private static let resource = Message().message(1, Message().message(1, Message.keyValue("a", "1")))
    /// One resource with one metric.
    private static let one = export(Message().message(2, metrics))

    private static func export(_ resourceMetrics: Message) -> Message { Message().message(1, resourceMetrics) }

    /// One resource with one scope.
    private static func scoped(_ scopeMetrics: Message) -> Message { export(Message().message(2, scopeMetrics)) }

    /// One resource with one metric, and these bytes behind its scope.
    private static func behind(_ raw: [UInt8]) -> Message { export(Message().message(2, metrics).raw(raw)) }

    private static func strange(_ field: UInt64) -> Message {
        Message().varint(field, 1).fixed64(field, 1).fixed32(field, 1).group(field, Message().text(2, "x"))
    }

    private enum Outcome: Equatable {
        /// Resources, scopes, metrics, points.
        case counts(Int, Int, Int, Int)
        case malformed(String)
        case tooLarge

        init(_ body: [UInt8]) {
            var batch = MetricsBatch()
            self = body.withUnsafeBytes { bytes in
                do throws(DecodingFailure) {
                    try batch.decode(bytes, as: .protobuf)
                    return .counts(batch.resources.count, batch.scopes.count, batch.metrics.count, batch.pointCount)
                } catch {
                    guard case .malformed(let text) = error else { return .tooLarge }
                    return .malformed(String(text.dropFirst("protobuf: ".count)))
                }
            }
        }
    }

    private static let accepted: [(Message, Outcome)] = [
        (Message(), .counts(0, 0, 0, 0)),
        (scoped(Message()), .counts(1, 1, 0, 0)),
        (
            export(resource.message(2, scope.raw(metrics.bytes).text(3, "http://x")).text(3, "http://y")),
            .counts(1, 1, 1, 1)
        ),
        (export(Message().message(2, metrics).raw(resource.bytes)), .counts(1, 1, 1, 1)),
        (scoped(metrics.raw(scope.bytes)), .counts(1, 1, 1, 1)),
        (
            Message(bytes: one.bytes).raw(export(Message().message(2, metrics).message(2, metrics)).bytes),
            .counts(2, 3, 3, 3)
        ),
        (
            export(
                resource.message(2, scope.raw(metrics.bytes).message(1, Message().text(2, "v"))).raw(resource.bytes)),
            .counts(1, 1, 1, 1)
        ),
        (export(Message().bytes(1, []).raw(resource.bytes).bytes(1, []).message(2, metrics)), .counts(1, 1, 1, 1)),
        (export(strange(1).raw(strange(9).bytes).message(2, strange(3).raw(metrics.bytes))), .counts(1, 1, 1, 1)),
        (Message(bytes: strange(1).bytes).raw(one.bytes), .counts(1, 1, 1, 1)),
        // The tag of the scope takes five bytes.
        (
            export(Message(bytes: [0x92, 0x80, 0x80, 0x80, 0, UInt8(metrics.bytes.count)]).raw(metrics.bytes)),
            .counts(1, 1, 1, 1)
        ),
        (scoped(metrics.text(3, "a\0b")), .counts(1, 1, 1, 1)),
        // A metric that is no message is lost alone; a resource that is none is found when it is decoded.
        (scoped(Message().bytes(2, [0x0A, 5, 0x61]).raw(metrics.bytes)), .counts(1, 1, 1, 1)),
        (export(Message().bytes(1, [0x0A, 5, 0x61]).message(2, metrics)), .counts(1, 1, 1, 1)),
    ]

    @Test("R-PB-01 R-PB-03 the envelope is read in any order, in parts and with fields that are not known")
    func acceptedEnvelopes() {
        for (index, (message, expected)) in Self.accepted.enumerated() {
            #expect(Outcome(message.bytes) == expected, "\(index)")
        }
    }

    private static let malformed: [(Message, String)] = [
        (export(Message().bytes(1, [0x0A, 3]).text(1, "abc").message(2, metrics)), "a length runs past the end"),
        (export(resource.message(2, metrics).bytes(1, [0x0A, 3])), "a length runs past the end"),
        (
            one.raw([UInt8](repeating: 0x4B, count: 65) + [UInt8](repeating: 0x4C, count: 65)),
            "arrays, maps or groups are nested too deep"
        ),
        (behind([0x4B]), "truncated group"), (behind([0x4C]), "a group ends that did not start"),
        (behind([0x4B, 0x54]), "a group ends that did not start"),
        (behind([0x02, 0]), "field number 0 or unknown wire type"),
        (scoped(metrics.raw([0x0E])), "field number 0 or unknown wire type"),
        (behind([0x8A, 0x80, 0x80, 0x80, 0x80, 0, 0]), "over-long tag"),
        (behind([0x8A, 0x80, 0x80, 0x80, 0x10, 0]), "over-long tag"), (one.raw([0x8A]), "truncated varint"),
        (scoped(Message(bytes: [0x12, 5, 0x61])), "a length runs past the end"),
        (Message(bytes: [0x0A] + [UInt8](repeating: 0xFF, count: 10) + [1]), "over-long varint"),
        (behind([0x48, 0x80]), "truncated varint"), (behind([0x49, 0, 0]), "truncated fixed-width field"),
        (behind([0x4D, 0]), "truncated fixed-width field"),
        (behind([0x1A, 1, 0xFF]), "a string is not valid UTF-8"),
        (scoped(Message().bytes(3, [0xC3]).raw(metrics.bytes)), "a string is not valid UTF-8"),
        (scoped(Message().bytes(2, [0x0A, 1, 0xFF])), "a string is not valid UTF-8"),
        // Nothing valid is left.
        (scoped(Message().bytes(2, [0x0A, 5, 0x61])), "a length runs past the end"),
    ]

    @Test("R-PB-04 R-PB-05 an envelope that is malformed costs the export, with its reason")
    func malformedEnvelopes() {
        for (index, (message, reason)) in Self.malformed.enumerated() {
            #expect(Outcome(message.bytes) == .malformed(reason), "\(index)")
        }
    }

    @Test("a recorded export with any of its bytes changed is decoded or malformed as it always was")
    func changedBytes() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/captures/pb-log-details/003-metrics.pb")
        let recorded = [UInt8](try Data(contentsOf: file))
        var reasons: [String: Int] = [:]
        var decoded = (exports: 0, points: 0)
        for index in recorded.indices {
            for byte in [0, 0x0A, 0x0B, 0x12, 0x1A, 0x80, 0xFF] as [UInt8] {
                var body = recorded
                body[index] = byte
                switch Outcome(body) {
                case .counts(_, _, _, let points): decoded = (decoded.exports + 1, decoded.points + points)
                case .malformed(let reason): reasons[reason, default: 0] += 1
                case .tooLarge: Issue.record("byte \(index) as \(byte)")
                }
            }
        }
        #expect(decoded == (3500, 3414))
        #expect(
            reasons == [
                "field number 0 or unknown wire type": 78, "a length runs past the end": 60,
                "a group ends that did not start": 16, "a string is not valid UTF-8": 125, "truncated group": 3,
                "truncated fixed64": 1, "truncated varint": 4,
            ])
    }
}
