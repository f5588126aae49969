/// Turns an export from one encoding into the other.
package enum ExportTranscoding {
    /// - Throws: when the text is malformed, or holds what protobuf cannot.
    package static func protobuf(
        ofJSON text: UnsafeRawBufferPointer, signal: Signal, limits: DecodingLimits
    ) throws(DecodingFailure) -> [UInt8] {
        throw .malformed("JSON is not taken here; send protobuf")
    }
}
