internal import Bytes
package import Settings

/// Converts an export from one encoding to the other, by the JSON mapping of OTLP. Fields that this version of OTLP
/// does not have are left out.
package enum ExportTranscoding {
    /// - Parameter text: read only during the call.
    /// - Returns: the message, and what was left out because its field cannot hold it.
    /// - Throws: when the text is malformed, or an export of another signal.
    package static func protobuf(
        ofJSON text: UnsafeRawBufferPointer, signal: Signal, limits: DecodingLimits
    ) throws(DecodingFailure) -> (body: [UInt8], losses: DecodingLosses) {
        if let refusal = OtherSignal.refusal(of: text, sentAs: signal, .json) { throw refusal }
        do throws(JSONFault) {
            var json = try JSONScanner(text, limits: limits)
            var writer = WireWriter()
            try JSONToProtobuf.message(ExportSchema.Message(signal), &json, into: &writer)
            try json.tokens.finish()
            return (writer.bytes, json.losses)
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
        var writer = ProtobufToJSON(depth: limits.maxAttributeDepth)
        try writer.message(ExportSchema.Message(signal), message)
        return writer.bytes
    }
}
