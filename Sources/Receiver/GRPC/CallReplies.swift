internal import NIOCore
internal import OTLP
internal import Server

/// The gRPC responses to exports. The response of full success is created once.
enum CallReplies {
    private static let full = CallReply.message(ByteBuffer())

    /// Bytes of an error message. It is sent in headers, escaped and twice, and clients refuse headers of more than 8
    /// KiB (R-GRPC-13).
    private static let messageBytes = 1024

    /// The result for an export (R-GRPC-05, R-GRPC-06, R-GRPC-07).
    static func reply(to result: Result<PartialSuccess, IngestFailure>, of signal: Signal) -> CallReply {
        switch result {
        case .success(.full): Self.full
        case .success(let partial):
            Self.reply(
                ExportResponse(signal: signal, rejectedCount: partial.rejectedCount, message: partial.message))
        case .failure(.malformed(let reason)):
            Self.failure(.invalidArgument, .invalidArgument, reason, violatedField: "body")
        case .failure(.tooLarge(let reason)): Self.failure(.resourceExhausted, .resourceExhausted, reason)
        case .failure(.unavailable(let reason, let seconds)):
            Self.failure(.unavailable, .unavailable, reason, retryDelaySeconds: max(1, seconds))
        }
    }

    private static func reply(_ response: ExportResponse) -> CallReply {
        .message(ByteBuffer(bytes: response.encoded(as: .protobuf)))
    }

    private static func failure(
        _ code: CallCode, _ statusCode: StatusCode, _ reason: String, violatedField: String? = nil,
        retryDelaySeconds: Int? = nil
    ) -> CallReply {
        let status = RPCStatus(
            code: statusCode, message: reason, violatedField: violatedField, retryDelaySeconds: retryDelaySeconds,
            messageLimit: messageBytes)
        // A message that is cut or has no details is complete in its header.
        let hasDetails = violatedField != nil || retryDelaySeconds != nil
        return .failure(
            CallFailure(code, status.message, details: hasDetails ? status.encoded(as: .protobuf) : []))
    }
}
