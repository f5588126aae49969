/// The codes of google.rpc.Code that this collector uses.
package enum StatusCode: Int32, Sendable {
    /// The export cannot be decoded, or the request is not one: a retry does not help.
    case invalidArgument = 3
    /// The request did not arrive in time.
    case deadlineExceeded = 4
    /// There is no service at that path.
    case notFound = 5
    /// A size limit is exceeded.
    case resourceExhausted = 8
    /// The method is not served at that path.
    case unimplemented = 12
    /// An internal error of the collector.
    case internalError = 13
    /// Temporary: a retry later helps.
    case unavailable = 14
    /// The client is not authenticated.
    case unauthenticated = 16
}
