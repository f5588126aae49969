/// `opentelemetry.proto.metrics.v1.Exemplar`. Buffers live as long as those of `RawMetric`.
package struct Exemplar {
    /// `filtered_attributes` as received, in the form of `NumberDataPoint.attributes`; `AttributeReader` decodes them.
    package var filteredAttributes: UnsafeRawBufferPointer
    /// 0 when not given.
    package var time: UnixNanoseconds
    /// `.missing` when the exemplar has none.
    package var value: NumberValue
    /// 16 bytes, or empty when not given or all zero (R-EX-01).
    package var traceID: UnsafeRawBufferPointer
    /// 8 bytes, or empty when not given or all zero.
    package var spanID: UnsafeRawBufferPointer

    package init(
        filteredAttributes: UnsafeRawBufferPointer = .init(start: nil, count: 0), time: UnixNanoseconds = 0,
        value: NumberValue = .missing, traceID: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        spanID: UnsafeRawBufferPointer = .init(start: nil, count: 0)
    ) {
        self.filteredAttributes = filteredAttributes
        self.time = time
        self.value = value
        self.traceID = traceID
        self.spanID = spanID
    }
}
