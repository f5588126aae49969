package import Credentials

/// Authenticates by one of the tokens (the Collector's bearertokenauth).
package struct BearerAuthenticator: Authenticator {
    private let header: String
    private let tokens: BearerTokens
    private let missing: AuthenticationRefusal
    private let wrong: AuthenticationRefusal

    /// - Parameters:
    ///   - header: the name of the header with scheme and token.
    ///   - scheme: the one of the tokens; empty: the token alone.
    package init(header: String, scheme: String, tokens: BearerTokens) {
        self.header = header
        self.tokens = tokens
        let challenge = "\(scheme.isEmpty ? "Bearer" : scheme) realm=\"odometer\""
        let form = scheme.isEmpty ? "a token" : "\"\(scheme) TOKEN\""
        missing = AuthenticationRefusal("the header \(header) is missing; send \(form) in it", challenge: challenge)
        wrong = AuthenticationRefusal("the scheme or token in the header \(header) is wrong", challenge: challenge)
    }

    /// Never: comparing tokens is quick.
    package var hasSlowChecks: Bool { false }

    /// Decides at once.
    package func verdict(_ header: (_ name: String) -> String?) -> AuthenticationVerdict {
        guard let value = header(self.header), !value.isEmpty else { return .refused(missing) }
        return tokens.accepts(value) ? .accepted : .refused(wrong)
    }
}
