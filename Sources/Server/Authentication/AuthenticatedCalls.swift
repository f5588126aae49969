package import NIOCore

/// Calls that require authentication: without it they get UNAUTHENTICATED before their message is read (R-GRPC-08),
/// whatever the method.
///
/// Only while a slow password hash is verified may the message arrive; it is not used before the result.
package struct AuthenticatedCalls: GRPCService {
    /// Bytes of a message that are read although the service behind would refuse the call. 64 KiB.
    private static let unwantedMessageBytes = 64 << 10

    private let authenticator: any Authenticator
    private let service: any GRPCService
    private let checks = SlowChecks()

    package init(_ authenticator: any Authenticator, before service: any GRPCService) {
        self.authenticator = authenticator
        self.service = service
    }

    /// Calls the authenticator, then the service.
    package func admit(_ head: GRPCHead) -> CallAdmission {
        switch verdict(on: head) {
        case .accepted: return service.admit(head)
        case .refused(let refusal): return .refuse(failure(refusal))
        case .pending:
            guard case .accept(let limit) = service.admit(head) else {
                return .accept(messageLimit: Self.unwantedMessageBytes)
            }
            return .accept(messageLimit: limit)
        }
    }

    /// Calls the service; if password hashes are slow, the authenticator first.
    package func answer(_ call: GRPCCall, on eventLoop: any EventLoop) -> CallAnswer {
        guard authenticator.hasSlowChecks else { return service.answer(call, on: eventLoop) }
        return checks.answer(
            after: verdict(on: call.head), on: eventLoop, admitted: { admitted(call, on: eventLoop) },
            refused: { .failure(failure($0)) },
            overloaded: { .failure(CallFailure(.unavailable, ServerRefusal.overloadedText, refusal: .overloaded)) })
    }

    /// The response of the service, whose `admit` may not have been called yet.
    private func admitted(_ call: GRPCCall, on eventLoop: any EventLoop) -> CallAnswer {
        switch service.admit(call.head) {
        case .refuse(let failure): .now(.failure(failure))
        case .accept: service.answer(call, on: eventLoop)
        }
    }

    private func verdict(on head: GRPCHead) -> AuthenticationVerdict {
        authenticator.verdict { head.first($0.lowercased()) }
    }

    private func failure(_ refusal: AuthenticationRefusal) -> CallFailure {
        CallFailure(.unauthenticated, refusal.message, refusal: .unauthenticated)
    }
}
