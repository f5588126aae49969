extension MetricsBatch {
    mutating func decodeJSON(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) { throw .malformed("todo") }
}
enum JSONAttributes {
    static func attributes(ofArray raw: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) -> [Attribute] { [] }
    static func resource(_ raw: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) -> Resource { Resource() }
    static func scope(_ raw: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) -> Scope { Scope() }
}
