/// The codes of google.rpc.Code that this collector answers with.
package enum StatusCode: Int32, Sendable {
    /// The export cannot be decoded, or the request is not one: sending it again does not help.
    case invalidArgument = 3
    /// The request did not arrive in time.
    case deadlineExceeded = 4
    /// Nothing is served at that path.
    case notFound = 5
    /// A size limit is exceeded.
    case resourceExhausted = 8
    /// The method is not served at that path.
    case unimplemented = 12
    /// A fault of the collector.
    case internalError = 13
    /// For the moment only: sending it again later helps.
    case unavailable = 14
    /// Who asks did not say who they are.
    case unauthenticated = 16
}
