package import NIOCore

/// What a listener serves to unary calls of gRPC. Called on the connection's event loop; must not block.
package protocol UnaryService: Sendable {
    /// Decides on a call by its head, before any of the message is read.
    func admit(_ head: UnaryHead) -> CallAdmission

    /// Answers a call whose message has arrived whole, inflated.
    func answer(_ call: UnaryCall, on eventLoop: any EventLoop) -> CallAnswer
}

/// The verdict on the head of a call.
package enum CallAdmission: Sendable {
    /// Read the message, then ask for the answer. The limit is in bytes, before and after inflating; beyond it
    /// RESOURCE_EXHAUSTED.
    case accept(messageLimit: Int)
    /// Answer this; the message is not read.
    case refuse(CallFailure)
}

/// A whole call.
package struct UnaryCall: Sendable {
    package var head: UnaryHead
    /// The message, inflated and without its prefix.
    package var message: ByteBuffer
}

/// The answer to a call. A promise of one must succeed; a failed future is answered with INTERNAL and logged, since it is
/// a fault of ours. When the call's deadline passes before, or the client takes the call back, the reply is dropped.
package typealias CallAnswer = Answer<CallReply>

/// How a call ends.
package enum CallReply: Sendable {
    /// OK with this message.
    case message(ByteBuffer)
    case failure(CallFailure)
}

/// A status other than OK.
package struct CallFailure: Error, Equatable, Sendable {
    package var code: CallCode
    /// What is wrong and what to do about it, in English. The sender bounds it: it travels in a header.
    package var message: String
    /// A `google.rpc.Status` for `grpc-status-details-bin`; empty for none.
    package var details: [UInt8]
    /// What the server's observer hears when it leaves; nil: the service looked at the message.
    package var refusal: RefusalReason?

    package init(_ code: CallCode, _ message: String, details: [UInt8] = [], refusal: RefusalReason? = nil) {
        self.code = code
        self.message = message
        self.details = details
        self.refusal = refusal
    }
}
