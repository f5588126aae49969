package import NIOCore
package import NIOHTTP1

/// A service that requires authentication: without it requests get 401 before their body is read.
///
/// Only while a slow password hash is verified may the body arrive; it is not used before the result.
package struct AuthenticatedService: HTTPService {
    /// Bytes of a body that are read although the service behind would refuse the request: it is refused only after
    /// authentication. 64 KiB.
    private static let unwantedBodyBytes = 64 << 10

    private let authenticator: any Authenticator
    private let parameters: [String]
    private let service: any HTTPService
    private let checks = SlowChecks()

    /// - Parameter parameters: query parameters that replace the header of the same name and take precedence over it.
    package init(_ authenticator: any Authenticator, parameters: [String] = [], before service: any HTTPService) {
        self.authenticator = authenticator
        self.parameters = parameters
        self.service = service
    }

    /// Calls the authenticator, then the service.
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

    /// Calls the service; if password hashes are slow, the authenticator first.
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

    /// The response of the service, whose `admit` may not have been called yet.
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
