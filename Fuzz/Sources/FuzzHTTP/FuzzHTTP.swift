import FuzzServer

private let server = LoopbackServer(isGRPC: false)

/// Sends bytes to a receiver of OTLP/HTTP in two pieces. No input may trap or hang, or be answered with anything but
/// HTTP, and the server goes on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let content = input[2...]
    let middle = content.startIndex + (Int(input[0]) << 8 | Int(input[1])) % content.count
    guard let answer = server.answer(to: [Array(content[..<middle]), Array(content[middle...])]) else {
        LoopbackServer.tell("no end of the answer")
    }
    if !answer.isEmpty, !answer.starts(with: Array("HTTP/1.1 ".utf8)) {
        LoopbackServer.tell("an answer that is not HTTP")
    }
    return 0
}
