/// An extension that authenticates, for listeners, exporters or both.
package struct AuthenticatorConfig: Equatable, Sendable {
    /// How it authenticates.
    package enum Kind: Equatable, Sendable {
        case basic(BasicAuthConfig)
        case bearer(BearerTokenConfig)
    }

    /// The extension as the configuration names it: `basicauth/server`.
    package var name: String
    package var kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// One `basicauth`: for listeners or for exporters, never both.
package enum BasicAuthConfig: Equatable, Sendable {
    /// `htpasswd`: the users of listeners.
    case server(HtpasswdConfig)
    /// `client_auth`: the credentials of exporters.
    case client(ClientAuthConfig)
}

/// `htpasswd` of a `basicauth`: lines `user:password`, the password plain or hashed. At least one of both is set.
package struct HtpasswdConfig: Equatable, Sendable {
    /// `file`.
    package var file: SecretFileConfig?
    /// `inline`: its users take precedence over those of the file.
    package var inline: String?
    /// The position of `inline`, or else of `htpasswd`.
    package var position: SourcePosition
    /// The key path of the same.
    package var path: String

    package init(file: SecretFileConfig?, inline: String?, position: SourcePosition, path: String) {
        self.file = file
        self.inline = inline
        self.position = position
        self.path = path
    }
}

/// `client_auth` of a `basicauth`. A file takes precedence over text.
package struct ClientAuthConfig: Equatable, Sendable {
    package var username: String
    /// `username_file`.
    package var usernameFile: SecretFileConfig?
    package var password: String
    /// `password_file`.
    package var passwordFile: SecretFileConfig?

    package init(
        username: String = "", usernameFile: SecretFileConfig? = nil, password: String = "",
        passwordFile: SecretFileConfig? = nil
    ) {
        self.username = username
        self.usernameFile = usernameFile
        self.password = password
        self.passwordFile = passwordFile
    }
}

/// One `bearertokenauth`: listeners accept any of its tokens, exporters send the first.
package struct BearerTokenConfig: Equatable, Sendable {
    /// `header`. Default `Authorization`.
    package var header: String
    /// `scheme`, before the token. Default `Bearer`; empty: the token alone.
    package var scheme: String
    /// `token` or `tokens`, none of them empty. Empty when a file is given.
    package var tokens: [String]
    /// `filename`: a token on each line. Reloaded when it changes.
    package var file: SecretFileConfig?

    package init(
        header: String = "Authorization", scheme: String = "Bearer", tokens: [String] = [],
        file: SecretFileConfig? = nil
    ) {
        self.header = header
        self.scheme = scheme
        self.tokens = tokens
        self.file = file
    }
}

/// A file with a secret, and its position in the configuration.
package struct SecretFileConfig: Equatable, Sendable {
    /// The path of the file.
    package var file: String
    /// The position of the path.
    package var position: SourcePosition
    /// The key path of the same.
    package var path: String

    package init(file: String, position: SourcePosition, path: String) {
        self.file = file
        self.position = position
        self.path = path
    }
}
