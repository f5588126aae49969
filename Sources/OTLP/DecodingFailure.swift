/// Why a whole export cannot be decoded; nothing of it is counted.
package enum DecodingFailure: Error, Equatable, Sendable {
    /// The bytes are not a valid message: 400, INVALID_ARGUMENT (R-HTTP-14). The text says what is wrong and where, in
    /// English, without any attribute value.
    case malformed(String)
    /// Decoding would need more memory than `DecodingLimits.maxDecodingMemory`: 413, RESOURCE_EXHAUSTED.
    case tooLarge(String)
}
