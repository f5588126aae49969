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
        let path = paths[Int(input[0] / 3) % paths.count]
        let opening = preface + settings + frame(1, flags: 4, head(path: path), stream: 1)
        pieces = [opening + frame(0, first, stream: 1), frame(0, flags: 1, second, stream: 1)]
    }
    if server.answer(to: pieces) == nil { LoopbackServer.tell("no end of the answer") }
    return 0
}

private func frame(_ type: UInt8, flags: UInt8 = 0, _ payload: [UInt8], stream: UInt8) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0.dropFirst()) }
    return length + [type, flags, 0, 0, 0, stream] + payload
}

private let paths =
    ["metrics.v1.Metrics", "logs.v1.Logs", "trace.v1.Trace"].map {
        "/opentelemetry.proto.collector.\($0)Service/Export"
    } + ["/grpc.health.v1.Health/Check"]

/// The head of a call: fields as literals that are not indexed, without Huffman coding.
private func head(path: String) -> [UInt8] {
    let fields = [
        (":method", "POST"), (":scheme", "http"), (":authority", "h"), (":path", path), ("te", "trailers"),
        ("content-type", "application/grpc"), ("grpc-encoding", "gzip"), ("grpc-timeout", "1S"),
    ]
    var bytes: [UInt8] = []
    for (name, value) in fields {
        bytes.append(0)
        for text in [name, value] {
            bytes.append(UInt8(text.utf8.count))
            bytes += text.utf8
        }
    }
    return bytes
}
