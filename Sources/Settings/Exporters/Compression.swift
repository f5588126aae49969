/// `compression` of an exporter: how a body is coded. Raw values are names of `Content-Encoding`.
package enum Compression: String, Equatable, Sendable, CaseIterable {
    case none
    case gzip
    case zstd
}
