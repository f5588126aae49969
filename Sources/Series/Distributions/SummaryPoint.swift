internal import OTLP

/// The newest point of a summary stream; summaries do not add up.
struct SummaryPoint: Sendable {
    var value: SummaryValue
    var time: UnixNanoseconds = 0
    /// As in `NewestPoint`.
    var sequence: UInt64 = 0

    /// Quantiles outside 0...1 are left out; of equal ones the last counts (R-TYPE-08).
    init(_ point: SummaryDataPoint, of batch: borrowing MetricsBatch) {
        var quantiles: [QuantileValue] = []
        // Stable: sorts equal quantiles by position.
        let usable = batch.points.quantiles[point.quantiles].enumerated().filter { 0...1 ~= $0.element.quantile }
        for (_, entry) in usable.sorted(by: { ($0.element.quantile, $0.offset) < ($1.element.quantile, $1.offset) }) {
            if quantiles.last?.quantile == entry.quantile { quantiles.removeLast() }
            quantiles.append(entry)
        }
        value = SummaryValue(quantiles: quantiles, count: point.count, sum: point.sum)
    }
}

extension SummaryPoint: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.number(value.quantiles.count)
        for quantile in value.quantiles {
            writer.double(quantile.quantile)
            writer.double(quantile.value)
        }
        writer.number(value.count)
        writer.double(value.sum)
        writer.number(time)
        writer.number(sequence)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        var quantiles: [QuantileValue] = []
        for _ in 0..<(try reader.count(ofAtLeast: 16)) {
            quantiles.append(QuantileValue(quantile: try reader.double(), value: try reader.double()))
        }
        value = SummaryValue(quantiles: quantiles, count: try reader.number(), sum: try reader.double())
        time = try reader.number()
        sequence = try reader.number()
    }
}
