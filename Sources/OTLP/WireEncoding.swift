/// How an export is written: the two encodings of OTLP (R-HTTP-02).
package enum WireEncoding: UInt8, Sendable {
    case protobuf
    case json
}
