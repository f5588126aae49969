/// Bits of `flags` of a data point.
package enum PointFlags {
    /// NoRecordedValue (R-DM-03).
    package static let noRecordedValue: UInt32 = 1
    /// A flag of this project: the point was made of an event. Its start time is not a time; together with its time it
    /// is the identity of the event: a later export with the same event does not count, in any metric. OTLP reserves
    /// the bit; points of other clients with this bit only count once for each pair of these two numbers.
    package static let isEvent: UInt32 = 1 << 31
}
