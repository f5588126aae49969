internal import NIOHTTP1
package import Settings

/// The web pages of other origins that may use a server, and the headers for browsers (the Fetch standard's CORS
/// protocol; R-HTTP-27).
package struct CORSPolicy: Sendable, Equatable {
    /// A pattern with at most one `*`, split there; in lower case.
    private struct Origin: Sendable, Equatable {
        let start: String
        /// Nil: no star.
        let end: String?

        init(_ pattern: String) {
            let parts = pattern.lowercased().split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
            start = parts.first.map(String.init) ?? ""
            end = parts.count > 1 ? String(parts[1]) : nil
        }

        func matches(_ origin: String) -> Bool {
            guard let end else { return origin == start }
            return origin.utf8.count >= start.utf8.count + end.utf8.count && origin.hasPrefix(start)
                && origin.hasSuffix(end)
        }
    }

    private static let methods: [HTTPMethod] = [.HEAD, .GET, .POST]
    /// Headers that exporters in browsers send by default.
    private static let defaultHeaders = ["accept", "content-type", "x-requested-with"]
    /// Headers that a preflight may list; exporters need fewer. 64.
    private static let headerLimit = 64

    private let origins: [Origin]
    private let allowsAllOrigins: Bool
    /// In lower case.
    private let headers: [String]
    private let allowsAllHeaders: Bool
    private let exposedHeaders: String
    private let maxAgeSeconds: Int

    package init(_ settings: CORSSettings) {
        origins = settings.allowedOrigins.map(Origin.init)
        allowsAllOrigins = settings.allowedOrigins.contains("*")
        headers = settings.allowedHeaders.map { $0.lowercased() } + Self.defaultHeaders
        allowsAllHeaders = settings.allowedHeaders.contains("*")
        exposedHeaders = settings.exposedHeaders.joined(separator: ", ")
        maxAgeSeconds = settings.maxAgeSeconds
    }

    /// Whether the request is a CORS preflight.
    func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.headers.contains(name: "Access-Control-Request-Method")
    }

    /// The headers of the response to a preflight; those that allow are missing if something is not allowed.
    func preflightHeaders(for head: HTTPRequestHead) -> HTTPHeaders {
        var answer: HTTPHeaders = [
            "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        ]
        guard let origin = allowedOrigin(of: head),
            let method = head.headers.first(name: "Access-Control-Request-Method").map(HTTPMethod.init(rawValue:)),
            Self.methods.contains(method), let headers = allowedHeaders(of: head)
        else { return answer }
        answer.add(name: "Access-Control-Allow-Origin", value: origin)
        answer.add(name: "Access-Control-Allow-Methods", value: method.rawValue)
        if !headers.isEmpty { answer.add(name: "Access-Control-Allow-Headers", value: headers) }
        answer.add(name: "Access-Control-Allow-Credentials", value: "true")
        if maxAgeSeconds > 0 { answer.add(name: "Access-Control-Max-Age", value: String(maxAgeSeconds)) }
        return answer
    }

    /// Adds the headers that let the page read the response, if it may.
    func allow(_ head: HTTPRequestHead, toRead response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers.add(name: "Vary", value: "Origin")
        guard let origin = allowedOrigin(of: head) else { return response }
        response.headers.add(name: "Access-Control-Allow-Origin", value: origin)
        response.headers.add(name: "Access-Control-Allow-Credentials", value: "true")
        if !exposedHeaders.isEmpty {
            response.headers.add(name: "Access-Control-Expose-Headers", value: exposedHeaders)
        }
        return response
    }

    /// The value of `Access-Control-Allow-Origin`; nil if the request has no origin or one that is not allowed.
    private func allowedOrigin(of head: HTTPRequestHead) -> String? {
        guard let origin = head.headers.first(name: "Origin"), !origin.isEmpty else { return nil }
        if allowsAllOrigins { return "*" }
        let lowercase = origin.lowercased()
        return origins.contains { $0.matches(lowercase) } ? origin : nil
    }

    /// The headers that a preflight lists; nil if one of them is not allowed.
    private func allowedHeaders(of head: HTTPRequestHead) -> String? {
        let wanted = head.headers[canonicalForm: "Access-Control-Request-Headers"].map { $0.lowercased() }
            .filter { !$0.isEmpty }
        guard wanted.count <= Self.headerLimit, allowsAllHeaders || wanted.allSatisfy(headers.contains) else {
            return nil
        }
        return wanted.joined(separator: ", ")
    }
}
