/// Decides whether a request is authenticated. Called on the connection's event loop; must not block.
package protocol Authenticator: Sendable {
    /// Whether verdicts can be `pending`.
    var hasSlowChecks: Bool { get }

    /// Decides by the headers alone.
    /// - Parameter header: the first value of a header, its name in any letter case.
    func verdict(_ header: (_ name: String) -> String?) -> AuthenticationVerdict
}

/// The result of an authenticator for the headers of a request.
package enum AuthenticationVerdict: Sendable {
    case accepted
    case refused(AuthenticationRefusal)
    /// Requires work that takes too long for an event loop; may be called on any thread, once.
    case pending(@Sendable () -> AuthenticationRefusal?)
}

/// Why a request is not authenticated.
package struct AuthenticationRefusal: Equatable, Sendable {
    /// What is wrong, in English, without a full stop; nothing of what the client sent.
    package var message: String
    /// The value of `WWW-Authenticate` (RFC 9110, 11.6.1).
    package var challenge: String

    package init(_ message: String, challenge: String) {
        self.message = message
        self.challenge = challenge
    }
}
