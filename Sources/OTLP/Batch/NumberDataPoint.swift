/// One point of a gauge or a sum, with its attributes still in the received bytes.
package struct NumberDataPoint {
    /// The attributes as received: for protobuf the run of `attributes` fields with their tags, for JSON the text of
    /// the array (empty if the key is absent). Valid until the batch decodes the next export or is released.
    package var attributes: UnsafeRawBufferPointer
    /// 0 when not given.
    package var startTime: UnixNanoseconds
    /// 0 when not given.
    package var time: UnixNanoseconds
    package var value: NumberValue
    /// The `flags` field; bit 0 is NoRecordedValue.
    package var flags: UInt32
    /// Indices into `MetricsBatch.exemplars`; nearly always empty.
    package var exemplars: Range<Int32> = 0..<0

    /// Whether the point says that its stream has no value any more (R-DM-03).
    package var hasNoRecordedValue: Bool { flags & PointFlags.noRecordedValue != 0 }

    /// Whether it was made of an event; see `PointFlags.isEvent`.
    package var isEvent: Bool { flags & PointFlags.isEvent != 0 }

    package init(
        attributes: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        startTime: UnixNanoseconds = 0, time: UnixNanoseconds = 0,
        value: NumberValue = .missing, flags: UInt32 = 0
    ) {
        self.attributes = attributes
        self.startTime = startTime
        self.time = time
        self.value = value
        self.flags = flags
    }
}

/// The `value` oneof of a number data point.
package enum NumberValue: Equatable, Sendable {
    /// Neither `as_int` nor `as_double` was given (R-JSON-20).
    case missing
    case int(Int64)
    case double(Double)
}
