internal import Bytes

/// A `google.rpc.Status`: the body of every refusal (R-HTTP-15).
package struct RPCStatus: Equatable, Sendable {
    package var code: StatusCode
    /// What is wrong and what to do about it, in English.
    package var message: String
    /// Adds a `google.rpc.BadRequest` with the message as its only violation, found in this part of the request
    /// (R-HTTP-16). nil adds none.
    package var violatedField: String?
    /// Adds a `google.rpc.RetryInfo`, in protobuf only: the client may retry after this time (R-GRPC-06). nil adds
    /// none.
    package var retryDelaySeconds: Int?

    /// Cuts the message to `messageLimit` bytes.
    package init(
        code: StatusCode, message: String, violatedField: String? = nil, retryDelaySeconds: Int? = nil,
        messageLimit: Int = ResponseText.defaultLimit
    ) {
        self.code = code
        self.message = ResponseText.bounded(message, bytes: messageLimit)
        self.violatedField = violatedField
        self.retryDelaySeconds = retryDelaySeconds
    }

    /// The bytes of the message.
    package func encoded(as encoding: WireEncoding) -> [UInt8] {
        switch encoding {
        case .protobuf: protobuf()
        case .json: json()
        }
    }

    private static let badRequestURL = "type.googleapis.com/google.rpc.BadRequest"
    static let retryInfoURL = "type.googleapis.com/google.rpc.RetryInfo"

    private func json() -> [UInt8] {
        var text = JSONResponseText()
        text.append(#"{"code":"#)
        text.append(String(code.rawValue))
        text.append(#","message":"#)
        text.append(quoted: message)
        if let violatedField {
            text.append(#","details":[{"@type":""#)
            text.append(Self.badRequestURL)
            text.append(#"","fieldViolations":[{"field":"#)
            text.append(quoted: violatedField)
            text.append(#","description":"#)
            text.append(quoted: message)
            text.append("}]}]")
        }
        text.append("}")
        return text.bytes
    }

    /// google/rpc/status.proto with a detail of google/rpc/error_details.proto; fields that are 0 or
    /// empty are not written.
    private func protobuf() -> [UInt8] {
        var status = WireWriter()
        status.field(1, varint: UInt64(code.rawValue))
        if !message.isEmpty { status.field(2, message) }
        if let retryDelaySeconds {
            status.field(3) { detail in
                detail.field(1, Self.retryInfoURL)
                detail.field(2) { Self.write(retryDelay: retryDelaySeconds, to: &$0) }
            }
        } else if let violatedField {
            status.field(3) { detail in
                detail.field(1, Self.badRequestURL)
                detail.field(2) { Self.write(violation: violatedField, message, to: &$0) }
            }
        }
        return status.bytes
    }

    /// `google.rpc.RetryInfo` with a `google.protobuf.Duration`.
    private static func write(retryDelay seconds: Int, to info: inout WireWriter) {
        info.field(1) { delay in
            if seconds != 0 { delay.field(1, varint: UInt64(bitPattern: Int64(seconds))) }
        }
    }

    /// `google.rpc.BadRequest` with one `FieldViolation`.
    private static func write(violation field: String, _ description: String, to request: inout WireWriter) {
        request.field(1) { violation in
            if !field.isEmpty { violation.field(1, field) }
            if !description.isEmpty { violation.field(2, description) }
        }
    }
}
