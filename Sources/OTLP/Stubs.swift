extension MetricsBatch {
    mutating func decodeProtobuf(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) { throw .malformed("todo") }
}
enum ProtobufAttributes {
    static func attributes(ofRun raw: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) -> [Attribute] { [] }
    static func resource(_ raw: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) -> Resource { Resource() }
    static func scope(_ raw: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) -> Scope { Scope() }
}
