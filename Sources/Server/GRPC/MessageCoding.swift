/// A coding of messages that `grpc-encoding` can name.
enum MessageCoding: Equatable, Sendable {
    case identity
    case coded(ContentCoding)
    /// Not supported; its name.
    case unknown(String)

    /// The value of `grpc-accept-encoding`.
    static let offered = "identity,gzip,deflate"

    init(name: String) {
        if name == "gzip" {
            self = .coded(.gzip)
        } else if name == "identity" {
            self = .identity
        } else if name == "deflate" {
            self = .coded(.deflate)
        } else {
            self = .unknown(name)
        }
    }
}
