package import NIOCore
package import NIOHTTP1

/// A service that only those may use whom an authenticator lets in: others get 401 before their body is read.
///
/// Only a password whose check is slow lets the body arrive meanwhile; nothing looks at it before the verdict.
package struct AuthenticatedService: HTTPService {
    /// Bytes of a body that are taken although the service behind would refuse the request: it is told so only when it is
    /// known who asks. 64 KiB.
    private static let unwantedBodyBytes = 64 << 10

    private let authenticator: any Authenticator
    private let parameters: [String]
    private let service: any HTTPService
    private let checks = SlowChecks()

    /// - Parameter parameters: parameters of the query that stand for a header of that name, and come before it.
    package init(_ authenticator: any Authenticator, parameters: [String] = [], before service: any HTTPService) {
        self.authenticator = authenticator
        self.parameters = parameters
        self.service = service
    }

    /// Asks the authenticator, then the service.
    package func admit(_ head: HTTPRequestHead) -> Admission {
        switch verdict(on: head) {
        case .accepted: return service.admit(head)
        case .refused(let refusal): return .refuse(response(to: refusal, of: head))
        case .pending:
            guard case .accept(let limit) = service.admit(head) else {
                return .accept(bodyLimit: Self.unwantedBodyBytes)
            }
            return .accept(bodyLimit: limit)
        }
    }

    /// Asks the service; where passwords are slow to check, the authenticator first.
    package func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        guard authenticator.hasSlowChecks else { return service.answer(request, on: eventLoop) }
        let head = request.head
        return checks.answer(
            after: verdict(on: head), on: eventLoop, admitted: { admitted(request, on: eventLoop) },
            refused: { response(to: $0, of: head) },
            overloaded: {
                var response = service.refusal(.overloaded, of: head)
                response.headers.replaceOrAdd(name: "Retry-After", value: "1")
                return response
            })
    }

    /// The refusal of the service behind it.
    package func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        service.refusal(refusal, of: head)
    }

    /// The answer of the service, which may not have been asked by head.
    private func admitted(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        switch service.admit(request.head) {
        case .refuse(let response): .now(response)
        case .accept: service.answer(request, on: eventLoop)
        }
    }

    private func verdict(on head: HTTPRequestHead) -> AuthenticationVerdict {
        authenticator.verdict { name in
            if !parameters.isEmpty, let value = QueryParameters.value(of: name, among: parameters, in: head.uri) {
                return value
            }
            return head.headers.first(name: name)
        }
    }

    private func response(to refusal: AuthenticationRefusal, of head: HTTPRequestHead) -> HTTPResponse {
        var response = service.refusal(.unauthenticated(refusal.message), of: head)
        response.headers.replaceOrAdd(name: "WWW-Authenticate", value: refusal.challenge)
        return response
    }
}
