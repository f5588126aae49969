/// Turns an export from one encoding into the other, by the JSON mapping of OTLP. Fields that this version of OTLP does
/// not have are left out.
package enum ExportTranscoding {
    /// - Parameter text: read only during the call.
    /// - Throws: when the text is malformed, or holds what its field cannot.
    package static func protobuf(
        ofJSON text: UnsafeRawBufferPointer, signal: Signal, limits: DecodingLimits
    ) throws(DecodingFailure) -> [UInt8] {
        do throws(JSONFault) {
            var json = try JSONScanner(text, limits: limits)
            var writer = MessageWriter()
            try JSONToProtobuf.message(ExportSchema.Message(signal), &json, into: &writer)
            try json.finish()
            return writer.bytes
        } catch {
            throw DecodingFailure(error)
        }
    }

    /// One line of JSON.
    /// - Parameter message: read only during the call.
    /// - Throws: when the message is malformed.
    package static func json(
        ofProtobuf message: UnsafeRawBufferPointer, signal: Signal, limits: DecodingLimits
    ) throws(DecodingFailure) -> [UInt8] {
        var writer = ProtobufToJSON(depth: limits.depth)
        try writer.message(ExportSchema.Message(signal), message)
        return writer.bytes
    }
}
