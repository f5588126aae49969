package import NIOCore

/// The service of a listener for unary gRPC calls. Called on the connection's event loop; must not block.
package protocol GRPCService: Sendable {
    /// Decides on a call by its head, before any of the message is read.
    func admit(_ head: GRPCHead) -> CallAdmission

    /// Answers a call whose message is complete and decompressed.
    func answer(_ call: GRPCCall, on eventLoop: any EventLoop) -> CallAnswer
}

/// The decision on the head of a call.
package enum CallAdmission: Sendable {
    /// Read the message, then call `answer`. The limit is in bytes, both as sent and decompressed; beyond it
    /// RESOURCE_EXHAUSTED.
    case accept(messageLimit: Int)
    /// Send this response; the message is not read.
    case refuse(CallFailure)
}

/// A complete call.
package struct GRPCCall: Sendable {
    package var head: GRPCHead
    /// The message, decompressed and without its prefix.
    package var message: ByteBuffer
}

/// The response to a call. A promise of one must succeed; a failed future is answered with INTERNAL and logged, since
/// it is an internal error. If the call's deadline passes before, or the client resets the call, the reply is dropped.
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
    /// What is wrong and what to do about it, in English. The sender bounds it: it is sent in a header.
    package var message: String
    /// A `google.rpc.Status` for `grpc-status-details-bin`; empty for none.
    package var details: [UInt8]
    /// The reason reported to the server's observer when it is sent; nil: the service has read the message.
    package var refusal: RefusalReason?

    package init(_ code: CallCode, _ message: String, details: [UInt8] = [], refusal: RefusalReason? = nil) {
        self.code = code
        self.message = message
        self.details = details
        self.refusal = refusal
    }
}
