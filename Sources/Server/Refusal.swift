/// Why a request or call is refused before its service looks at it: one word of a closed list, for metrics.
package enum RefusalReason: String, Sendable, CaseIterable {
    /// 400, INTERNAL: not what its framing, coding or protocol says it is.
    case malformed
    /// 401, UNAUTHENTICATED.
    case unauthenticated
    /// 404, UNIMPLEMENTED: nothing is served there.
    case notFound = "not_found"
    /// 404, UNIMPLEMENTED: no pipeline takes this signal.
    case noPipeline = "no_pipeline"
    /// 405.
    case wrongMethod = "wrong_method"
    /// 408, DEADLINE_EXCEEDED: it did not arrive in time.
    case timeout
    /// 413, RESOURCE_EXHAUSTED.
    case tooLarge = "too_large"
    /// 415: of the body.
    case unsupportedMediaType = "unsupported_media_type"
    /// 415, UNIMPLEMENTED: of the body's coding.
    case unsupportedCoding = "unsupported_coding"
    /// 431.
    case headTooLarge = "head_too_large"
    /// 503, UNAVAILABLE.
    case overloaded
    /// 500, INTERNAL: a fault of ours.
    case internalError = "internal_error"

    /// Whether the explanations contain nothing that a client chooses, so that each is a separate kind.
    package var hasFixedExplanations: Bool {
        switch self {
        case .notFound, .wrongMethod, .unsupportedMediaType, .unsupportedCoding: false
        default: true
        }
    }
}

/// A refusal for metrics and the log.
package struct Refusal: Equatable, Sendable {
    package var reason: RefusalReason
    /// What is wrong, in English, without a full stop; nothing of what the client sent as credentials.
    package var explanation: String

    package init(_ reason: RefusalReason, _ explanation: String) {
        self.reason = reason
        self.explanation = explanation
    }
}

extension ServerRefusal {
    /// Its reason.
    package var reason: RefusalReason {
        switch self {
        case .badRequest: .malformed
        case .unauthenticated: .unauthenticated
        case .timeout: .timeout
        case .bodyTooLarge, .inflatesTooFar: .tooLarge
        case .unsupportedContentCoding: .unsupportedCoding
        case .headTooLarge: .headTooLarge
        case .internalError: .internalError
        case .overloaded, .noRoomForBody: .overloaded
        }
    }
}
