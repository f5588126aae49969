/// Bits of `flags` of a data point.
package enum PointFlags {
    /// NoRecordedValue (R-DM-03).
    package static let noRecordedValue: UInt32 = 1
    /// Ours: the point is what one event counted. Its start time is no time but, together with its time, what the event is
    /// known by: a later export that brings the same event counts nothing, in no metric. OTLP reserves the bit; that
    /// somebody else's points carry it means only that they are counted once by these two numbers.
    package static let isEvent: UInt32 = 1 << 31
}
