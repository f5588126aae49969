/// `auth` of a listener: who may use it.
package struct AuthConfig: Equatable, Sendable {
    /// `authenticator`: the extension that decides, by its name in the configuration; one of
    /// `CollectorConfig.authenticators`.
    package var authenticator: String
    /// `request_params`: parameters of the query that stand for a header of that name, and come before it. HTTP only.
    package var requestParameters: [String]
    /// Where the name stands.
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
