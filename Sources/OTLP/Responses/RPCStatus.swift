private import COTLP

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

    private func protobuf() -> [UInt8] {
        if let retryDelaySeconds {
            let value = Self.packedRetryInfo(seconds: retryDelaySeconds)
            return Self.withAny(url: Self.retryInfoURL, value: value) { packed(details: [$0]) }
        }
        guard let violatedField else { return packed(details: []) }
        let value = Self.packedBadRequest(field: violatedField, description: message)
        return Self.withAny(url: Self.badRequestURL, value: value) { packed(details: [$0]) }
    }

    private func packed(details: [UnsafeMutablePointer<Otlp__Response__Any>?]) -> [UInt8] {
        var details = details
        return details.withUnsafeMutableBufferPointer { details in
            message.withMutableCString { message in
                var status = Otlp__Response__Status()
                otlp__response__status__init(&status)
                status.code = code.rawValue
                status.message = message
                status.n_details = details.count
                status.details = details.baseAddress
                return [UInt8](packing: &status.base)
            }
        }
    }

    private static func withAny(
        url: String, value: [UInt8], _ body: (UnsafeMutablePointer<Otlp__Response__Any>) -> [UInt8]
    ) -> [UInt8] {
        var value = value
        return value.withUnsafeMutableBufferPointer { value in
            url.withMutableCString { url in
                var any = Otlp__Response__Any()
                otlp__response__any__init(&any)
                any.type_url = url
                any.value = ProtobufCBinaryData(len: value.count, data: value.baseAddress)
                return withUnsafeMutablePointer(to: &any, body)
            }
        }
    }

    private static func packedRetryInfo(seconds: Int) -> [UInt8] {
        var delay = Otlp__Response__Duration()
        otlp__response__duration__init(&delay)
        delay.seconds = Int64(seconds)
        return withUnsafeMutablePointer(to: &delay) { delay in
            var info = Otlp__Response__RetryInfo()
            otlp__response__retry_info__init(&info)
            info.retry_delay = delay
            return [UInt8](packing: &info.base)
        }
    }

    private static func packedBadRequest(field: String, description: String) -> [UInt8] {
        field.withMutableCString { field in
            description.withMutableCString { description in
                var violation = Otlp__Response__FieldViolation()
                otlp__response__field_violation__init(&violation)
                violation.field = field
                violation.description = description
                return withUnsafeMutablePointer(to: &violation) { violation in
                    var only: UnsafeMutablePointer<Otlp__Response__FieldViolation>? = violation
                    return withUnsafeMutablePointer(to: &only) { violations in
                        var request = Otlp__Response__BadRequest()
                        otlp__response__bad_request__init(&request)
                        request.n_field_violations = 1
                        request.field_violations = violations
                        return [UInt8](packing: &request.base)
                    }
                }
            }
        }
    }
}
