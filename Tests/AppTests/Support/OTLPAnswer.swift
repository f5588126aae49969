import Foundation

/// The body of an answer on the OTLP port, in both encodings.
struct OTLPAnswer: Equatable {
    /// A google.rpc.Status: the body of every refusal (R-HTTP-15).
    struct Status: Equatable {
        var code: Int
        var message: String
        var hasDetails: Bool
    }

    /// `partial_success` of an Export response.
    struct PartialSuccess: Equatable {
        var rejected: Int
        var message: String
    }

    /// Nil: the body is not a google.rpc.Status in the encoding of Content-Type.
    static func status(of reply: HTTPReply) -> Status? {
        switch reply.header("Content-Type") {
        case "application/json":
            guard let object = jsonObject(reply.body), let message = object["message"] as? String else { return nil }
            return Status(
                code: (object["code"] as? NSNumber)?.intValue ?? 0, message: message,
                hasDetails: (object["details"] as? [Any])?.isEmpty == false)
        case "application/x-protobuf", "application/protobuf":
            guard let fields = ProtobufFields(reply.body), let message = fields.text(2) else { return nil }
            return Status(
                code: fields.varint(1).flatMap { Int(exactly: $0) } ?? 0, message: message,
                hasDetails: fields.bytes(3) != nil)
        default: return nil
        }
    }

    /// The partial success of a 200; nil on full success.
    static func partialSuccess(of reply: HTTPReply) throws -> PartialSuccess? {
        switch reply.header("Content-Type") {
        case "application/json":
            guard let object = jsonObject(reply.body) else { throw HTTPClient.Fault.malformed(reply.text) }
            guard let partial = object["partialSuccess"] as? [String: Any] else { return nil }
            let counts = ["rejectedDataPoints", "rejectedLogRecords", "rejectedSpans"].compactMap { partial[$0] }
            let rejected = counts.compactMap { ($0 as? String).flatMap { Int($0) } ?? ($0 as? NSNumber)?.intValue }
            return PartialSuccess(rejected: rejected.first ?? 0, message: partial["errorMessage"] as? String ?? "")
        default:
            guard let fields = ProtobufFields(reply.body) else { throw HTTPClient.Fault.malformed("\(reply.body)") }
            guard let partial = fields.message(1) else { return nil }
            return PartialSuccess(
                rejected: partial.varint(1).flatMap { Int(exactly: $0) } ?? 0, message: partial.text(2) ?? "")
        }
    }

    private static func jsonObject(_ body: [UInt8]) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
    }
}
