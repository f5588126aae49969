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

    @Test("an unused batch keeps nothing of a long export")
    func longExport() throws {
        let pool = BatchPool(limits: DecodingLimits())
        let long = try pool.decode(Self.export(points: 100_000))
        #expect(long.batch.points.numbers.count == 100_000)
        pool.giveBack(long)
        let unused = pool.takeEmpty()
        #expect(unused === long)
        #expect(unused.batch.points.numbers.isEmpty)
        #expect(unused.batch.points.numbers.capacity * MemoryLayout<NumberDataPoint>.stride <= 1 << 20)
    }

    @Test("an unused batch keeps its memory for the next short export")
    func shortExport() throws {
        let pool = BatchPool(limits: DecodingLimits())
        let short = try pool.decode(Self.export(points: 100))
        pool.giveBack(short)
        #expect(pool.takeEmpty().batch.points.numbers.capacity >= 100)
    }
}
