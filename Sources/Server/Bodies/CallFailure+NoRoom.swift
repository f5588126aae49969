internal import Bytes

/// `ServerRefusal.noRoomForBody` for gRPC calls.
extension CallFailure {
    /// RESOURCE_EXHAUSTED, with a time to retry: without it OTLP clients do not retry.
    static let noRoom = CallFailure(
        .resourceExhausted, ServerRefusal.noRoomText,
        details: status(8, ServerRefusal.noRoomText, retrySeconds: UInt64(ServerRefusal.noRoomRetrySeconds)),
        refusal: .overloaded)

    /// `google.rpc.Status` with a `google.rpc.RetryInfo`.
    private static func status(_ code: UInt64, _ message: String, retrySeconds: UInt64) -> [UInt8] {
        var status = WireWriter()
        status.field(1, varint: code)
        status.field(2, message)
        status.field(3) { detail in
            detail.field(1, "type.googleapis.com/google.rpc.RetryInfo")
            detail.field(2) { retryInfo in retryInfo.field(1) { delay in delay.field(1, varint: retrySeconds) } }
        }
        return status.bytes
    }
}
