package import NIOCore
package import NIOHTTP1

/// A service that web pages of other origins may use: answers preflight requests itself, and adds CORS headers to the
/// responses of the service behind it (R-HTTP-27).
package struct CORSService: HTTPService {
    private let policy: CORSPolicy
    private let service: any HTTPService

    package init(_ policy: CORSPolicy, before service: any HTTPService) {
        self.policy = policy
        self.service = service
    }

    /// Answers a preflight request, whatever its path: it is about the origin, not the path.
    package func admit(_ head: HTTPRequestHead) -> Admission {
        if policy.isPreflight(head) {
            return .refuse(HTTPResponse(status: .noContent, headers: policy.preflightHeaders(for: head)))
        }
        switch service.admit(head) {
        case .accept(let limit): return .accept(bodyLimit: limit)
        case .refuse(let response): return .refuse(policy.allow(head, toRead: response))
        }
    }

    /// The response of the service behind it, with the permission to read it.
    package func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        let head = request.head
        return service.answer(request, on: eventLoop).map { policy.allow(head, toRead: $0) }
    }

    /// The refusal of the service behind it, with the permission to read it.
    package func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        let response = service.refusal(refusal, of: head)
        guard let head else { return response }
        return policy.allow(head, toRead: response)
    }
}
