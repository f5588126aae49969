/// `ServerRefusal.noRoomForBody` for gRPC calls.
extension CallFailure {
    /// RESOURCE_EXHAUSTED, with a time to retry: without it OTLP clients do not retry.
    static let noRoom = CallFailure(
        .resourceExhausted, ServerRefusal.noRoomText,
        details: status(8, ServerRefusal.noRoomText, retrySeconds: UInt8(ServerRefusal.noRoomRetrySeconds)),
        refusal: .overloaded)

    /// `google.rpc.Status` with a `google.rpc.RetryInfo`.
    private static func status(_ code: UInt8, _ message: String, retrySeconds: UInt8) -> [UInt8] {
        let delay = field(1, [0x08, retrySeconds])
        let url = Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
        return [0x08, code] + field(2, Array(message.utf8)) + field(3, field(1, url) + field(2, delay))
    }

    /// A field of bytes, shorter than 16 KiB.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length = count < 128 ? [UInt8(count)] : [UInt8(count & 127 | 128), UInt8(count >> 7)]
        return [number << 3 | 2] + length + content
    }
}
