internal import OTLP

/// Exemplars of counters and histograms; gauges and summaries have none (R-TYPE-12).
extension Intake {
    /// Keeps exemplars of an accepted point that are newer than those in the same place; one without a time is older
    /// than any other.
    func keepExemplars(
        _ range: Range<Int32>, ofPointWith attributes: UnsafeRawBufferPointer, in batch: borrowing MetricsBatch,
        _ held: inout BoundedLedger, context: PointContext
    ) {
        let alias = held.ledger.fingerprint(attributes, parent: context.aliasParent)
        guard let stream = held.ledger.streams.find(alias) else { return }
        let series = held.ledger.streams[stream].series
        for index in range {
            let exemplar = batch.points.exemplars[Int(index)]
            guard let value = SampleValue(exemplar.value),
                let place = held.ledger.streams[stream].state.exemplarPlace(of: value.number),
                held.ledger.exemplars.takes(place, time: exemplar.time, of: series)
            else { continue }
            let rendered = SampleExemplar(
                labels: describer.labels(of: exemplar, encoding: batch.encoding), value: value, time: exemplar.time)
            held.ledger.exemplars.keep(rendered, at: place, of: series)
        }
    }
}

extension StreamState {
    /// The place of an exemplar of this value; nil if it is in no bucket.
    fileprivate func exemplarPlace(of value: Double) -> SeriesExemplars.Place? {
        switch self {
        case .histogram(let box):
            guard !value.isNaN else { return nil }
            let bounds = box.value.layout
            let bucket = SeriesExemplars.bucket(of: value, in: bounds)
            return .bucket(upperBound: bucket < bounds.count ? bounds[bucket] : .infinity)
        case .exponential:
            guard value.isFinite else { return nil }
            // One for each power of two, whatever the scale.
            let index = value == 0 ? 0 : ExponentialScale.index(of: value.magnitude, at: 0)
            return .exponential(index: index, sign: value == 0 ? 0 : value < 0 ? -1 : 1)
        case .accumulating, .writers, .newest: return .counter
        case .summary, .released: return nil
        }
    }
}

extension SampleValue {
    /// Nil if there is no value.
    fileprivate init?(_ value: NumberValue) {
        switch value {
        case .missing: return nil
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        }
    }
}
