/// `auth` of a listener: the authentication it requires.
package struct AuthConfig: Equatable, Sendable {
    /// `authenticator`: the name of the extension that authenticates; one of `AppConfig.authenticators`.
    package var authenticator: String
    /// `request_params`: query parameters that replace the header of the same name and take precedence over it. HTTP
    /// only.
    package var requestParameters: [String]
    /// The position of the name.
    package var position: SourcePosition
    /// Its key path.
    package var path: String

    package init(
        authenticator: String, requestParameters: [String] = [], position: SourcePosition, path: String
    ) {
        self.authenticator = authenticator
        self.requestParameters = requestParameters
        self.position = position
        self.path = path
    }
}
