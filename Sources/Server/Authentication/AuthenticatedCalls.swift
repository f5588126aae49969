package import NIOCore

/// Calls that only those may make whom an authenticator lets in: others get UNAUTHENTICATED before their message is read
/// (R-GRPC-08), whatever they call.
///
/// Only a password whose check is slow lets the message arrive meanwhile; nothing looks at it before the verdict.
package struct AuthenticatedCalls: UnaryService {
    /// Bytes of a message that are taken although the service behind would refuse the call. 64 KiB.
    private static let unwantedMessageBytes = 64 << 10

    private let authenticator: any Authenticator
    private let service: any UnaryService
    private let checks = SlowChecks()

    package init(_ authenticator: any Authenticator, before service: any UnaryService) {
        self.authenticator = authenticator
        self.service = service
    }

    /// Asks the authenticator, then the service.
    package func admit(_ head: UnaryHead) -> CallAdmission {
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

    /// Asks the service; where passwords are slow to check, the authenticator first.
    package func answer(_ call: UnaryCall, on eventLoop: any EventLoop) -> CallAnswer {
        guard authenticator.hasSlowChecks else { return service.answer(call, on: eventLoop) }
        return checks.answer(
            after: verdict(on: call.head), on: eventLoop, admitted: { admitted(call, on: eventLoop) },
            refused: { .failure(failure($0)) },
            overloaded: { .failure(CallFailure(.unavailable, ServerRefusal.overloadedText, refusal: .overloaded)) })
    }

    /// The answer of the service, which may not have been asked by head.
    private func admitted(_ call: UnaryCall, on eventLoop: any EventLoop) -> CallAnswer {
        switch service.admit(call.head) {
        case .refuse(let failure): .now(.failure(failure))
        case .accept: service.answer(call, on: eventLoop)
        }
    }

    private func verdict(on head: UnaryHead) -> AuthenticationVerdict {
        authenticator.verdict { head.first($0.lowercased()) }
    }

    private func failure(_ refusal: AuthenticationRefusal) -> CallFailure {
        CallFailure(.unauthenticated, refusal.message, refusal: .unauthenticated)
    }
}
