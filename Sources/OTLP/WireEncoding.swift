/// The encoding of an export: one of the two of OTLP (R-HTTP-02).
package enum WireEncoding: UInt8, Sendable {
    case protobuf
    case json
}
