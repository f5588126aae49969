import FuzzServer

private let server = LoopbackServer(isGRPC: true)

private let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

/// Sends frames of HTTP/2 to a receiver of OTLP/gRPC, as the first byte says: bytes after the preface and the settings, all
/// bytes, or as the message of a call that is well formed otherwise. No input may trap or hang, and the server goes on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 3 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let content = Array(input[3...])
    let middle = (Int(input[1]) << 8 | Int(input[2])) % max(1, content.count)
    let (first, second) = (Array(content[..<middle]), Array(content[middle...]))
    let settings = frame(4, [], stream: 0)
    let pieces: [[UInt8]]
    switch input[0] % 3 {
    case 0: pieces = [preface + settings + first, second]
    case 1: pieces = [first, second]
    default:
        let head = preface + settings + frame(1, flags: 4, callHead, stream: 1)
        pieces = [head + frame(0, first, stream: 1), frame(0, flags: 1, second, stream: 1)]
    }
    precondition(server.answer(to: pieces) != nil, "no end of the answer")
    return 0
}

private func frame(_ type: UInt8, flags: UInt8 = 0, _ payload: [UInt8], stream: UInt8) -> [UInt8] {
    let count = payload.count
    return [UInt8(truncatingIfNeeded: count >> 16), UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        + [type, flags, 0, 0, 0, stream] + payload
}

/// The head of an export of metrics: fields as literals that are not indexed, without Huffman coding.
private let callHead: [UInt8] = [
    (":method", "POST"), (":scheme", "http"), (":authority", "h"),
    (":path", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"), ("te", "trailers"),
    ("content-type", "application/grpc"), ("grpc-encoding", "gzip"),
].flatMap { name, value in
    [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
}
