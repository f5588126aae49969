internal import OTLP

/// Exemplars: kept beside the series that have some, none for gauges and summaries (R-TYPE-12).
extension SeriesStore {
    /// Keeps those exemplars of an accepted point that are newer than the ones of the same place; one without a time is
    /// older than any other.
    mutating func keepExemplars(
        _ range: Range<Int32>, ofPointWith attributes: UnsafeRawBufferPointer,
        in batch: borrowing MetricsBatch, context: PointContext
    ) {
        guard let stream = streams.find(fingerprint(attributes, parent: context.aliasParent)) else { return }
        let series = streams[stream].series
        for index in range {
            let exemplar = batch.exemplars[Int(index)]
            guard let value = SampleValue(exemplar.value), let place = place(of: value.number, stream: stream),
                exemplars.takes(place, time: exemplar.time, of: series)
            else { continue }
            let rendered = SampleExemplar(labels: labels(of: exemplar, in: batch), value: value, time: exemplar.time)
            exemplars.keep(rendered, at: place, of: series)
        }
    }

    /// Where a value of the stream is shown; nil for one that is in no bucket.
    private func place(of value: Double, stream: StreamID) -> SeriesExemplars.Place? {
        switch streams[stream].state {
        case .histogram(let box):
            guard !value.isNaN else { return nil }
            let bounds = box.value.layout
            let bucket = SeriesExemplars.bucket(of: value, in: bounds)
            return .bucket(upperBound: bucket < bounds.count ? bounds[bucket] : .infinity)
        case .exponential:
            guard value.isFinite else { return nil }
            // One a power of two, whatever the scale is or will be.
            let index = value == 0 ? 0 : ExponentialScale.index(of: value.magnitude, at: 0)
            return .exponential(index: index, sign: value == 0 ? 0 : value < 0 ? -1 : 1)
        case .accumulating, .writers, .newest: return .counter
        case .summary, .released: return nil
        }
    }

    /// Attributes were decoded without error when the request was resolved; an exemplar is shown without them rather
    /// than not at all.
    private func labels(of exemplar: Exemplar, in batch: borrowing MetricsBatch) -> [UInt8] {
        var attributes: [Attribute] = []
        let raw = exemplar.filteredAttributes.count
        if raw > 0, raw <= settings.rawAttributesLimitBytes {
            let reader = AttributeReader(encoding: batch.encoding, limits: decodingLimits)
            attributes = CanonicalEncoding.sorted((try? reader.attributes(exemplar.filteredAttributes)) ?? [])
        }
        return translation.exemplarLabels(
            traceID: exemplar.traceID, spanID: exemplar.spanID, attributes: attributes)
    }
}

extension SampleValue {
    /// nil when there is no value.
    fileprivate init?(_ value: NumberValue) {
        switch value {
        case .missing: return nil
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        }
    }
}
