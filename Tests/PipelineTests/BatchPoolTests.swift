import NIOCore
import OTLP
import Settings
import Testing

@testable import Pipeline

/// Batches that wait for the next export.
@Suite struct BatchPoolTests {
    private static func export(points: Int) -> MetricsExport {
        let point = #"{"asInt":"1","timeUnixNano":"1"}"#
        let text =
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":["#
            + Array(repeating: point, count: points).joined(separator: ",") + "]}}]}]}]}"
        return MetricsExport(
            body: ByteBuffer(string: text), encoding: .json, stamp: ArrivalStamp(arrival: 1, scrapeInterval: 0))
    }

    @Test("an export that needs much memory is not decoded on the event loop, and its batch is not kept")
    func longExport() throws {
        let pool = BatchPool(limits: DecodingLimits())
        #expect(throws: DecodingFailure.self) { try pool.decode(Self.export(points: 100_000)) }
        let long = try pool.decodeLong(Self.export(points: 100_000))
        let count = long.batch.points.numbers.count
        #expect(count == 100_000)
        pool.giveBack(long)
        for _ in 0..<2 {
            let unused = pool.takeEmpty()
            #expect(unused !== long)
            let (count, capacity) = (unused.batch.points.numbers.count, unused.batch.points.numbers.capacity)
            #expect(count == 0)
            #expect(capacity * MemoryLayout<NumberDataPoint>.stride <= 1 << 20)
        }
    }

    @Test("an unused batch keeps its memory for the next short export")
    func shortExport() throws {
        let pool = BatchPool(limits: DecodingLimits())
        let short = try pool.decode(Self.export(points: 100))
        pool.giveBack(short)
        let capacity = pool.takeEmpty().batch.points.numbers.capacity
        #expect(capacity >= 100)
    }

    @Test("an export that takes many times its size when decoded is long, so that it takes turns")
    func amplifiedExport() throws {
        // Quantiles without a value: two bytes each, sixteen when decoded.
        var point: [UInt8] = []
        for _ in 0..<10_000 { point += [6 << 3 | 2, 0] }
        func message(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            var (length, head) = (content.count, [tag << 3 | 2])
            while length >= 0x80 {
                head.append(UInt8(length & 0x7F | 0x80))
                length >>= 7
            }
            return head + [UInt8(length)] + content
        }
        let metric = message(1, Array("m".utf8)) + message(11, message(1, point))
        let body = message(1, message(2, message(2, metric)))
        let export = MetricsExport(
            body: ByteBuffer(bytes: body), encoding: .protobuf, stamp: ArrivalStamp(arrival: 1, scrapeInterval: 0))
        let pool = BatchPool(limits: DecodingLimits())
        let decoded = try pool.decode(export)
        let (rows, isLong) = (decoded.batch.rowCount, decoded.batch.isLong)
        #expect(rows < 10 && body.count < 21_000)
        #expect(isLong)
        pool.giveBack(decoded)
    }
}
