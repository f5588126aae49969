import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import OTLP

@testable import Forward

/// Answers of destinations, by the first byte: bytes of HTTP on the wire, a body with any status and type, an answer of
/// gRPC, or a Retry-After. No input may trap or hang, and every message must be one short line.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzForward(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 3 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let content = Array(input[3...])
    switch input[0] % 4 {
    case 0: onTheWire(content, cut: Int(input[1]) << 8 | Int(input[2]))
    case 1: body(content, status: 200 + Int(input[1]) * 2, type: Int(input[2]))
    case 2: call(content, status: Int(input[1] % 20), cut: Int(input[2]))
    default:
        let headers = HTTPHeaders([("Retry-After", String(decoding: content, as: UTF8.self))])
        precondition(RetryAfter.time(in: headers, now: 1_700_000_000) ?? .zero >= .zero)
    }
    return 0
}

private let export = ForwardedExport(signal: .logs, encoding: .protobuf, records: 7, body: ByteBuffer(string: "x"))
private let server = HTTPServer(host: "h.example", port: 80, authority: "h.example", path: "/v1/logs", isSecure: false)

private func onTheWire(_ content: [UInt8], cut: Int) {
    let channel = EmbeddedChannel()
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    do {
        try ClientExchange.addHandlers(to: channel.pipeline.syncOperations)
        try channel.pipeline.syncOperations.addHandler(ConnectionEnd())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 80)).wait()
        let promise = channel.embeddedEventLoop.makePromise(of: HTTPReply.self)
        promise.futureResult.whenSuccess { reply in
            check(ReplyReading.outcome(of: reply, to: export))
            for hasHeaders in [true, false] {
                let redirection = Redirection(
                    of: reply.head, from: server, origin: server, hasHeaders: hasHeaders, canEncrypt: !hasHeaders)
                if case .refused(let refusal) = redirection { check(.refused(refusal)) }
            }
        }
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: ["Host": "h"])
        try channel.writeOutbound(ClientExchange.Request(head: head, body: export.body, reply: promise))
        let middle = content.count == 0 ? 0 : cut % content.count
        for piece in [content[..<middle], content[middle...]] where channel.isActive {
            try channel.writeInbound(ByteBuffer(bytes: piece))
        }
    } catch {
        // Anything but HTTP ends the connection, which is correct.
        precondition(!channel.isActive, "\(error)")
    }
}

private let types = [
    "application/x-protobuf", "application/json", "application/octet-stream", "text/plain; charset=utf-8", "text/html",
    "",
]

private func body(_ content: [UInt8], status: Int, type: Int) {
    let head = HTTPResponseHead(
        version: .http1_1, status: .init(statusCode: status), headers: ["Content-Type": types[type % types.count]])
    check(ReplyReading.outcome(of: HTTPReply(head: head, body: ByteBuffer(bytes: content)), to: export))
}

/// The content is the answer's message, with its prefix if `cut` is even, and its two parts are the texts of the
/// trailers.
private func call(_ content: [UInt8], status: Int, cut: Int) {
    let channel = EmbeddedChannel()
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    let promise = channel.embeddedEventLoop.makePromise(of: GRPCReply.self)
    promise.futureResult.whenSuccess { check(CallReading.outcome(of: $0, to: export)) }
    let middle = min(cut, content.count)
    let (first, second) = (content[..<middle], content[middle...])
    var message = ByteBuffer()
    if cut % 2 == 0 { message.writeMultipleIntegers(UInt8(0), UInt32(content.count)) }
    message.writeBytes(first)
    var trailers: HPACKHeaders = [
        "grpc-message": String(decoding: first, as: UTF8.self),
        "grpc-status-details-bin": String(decoding: second, as: UTF8.self),
    ]
    if status != 19 { trailers.add(name: "grpc-status", value: "\(status - 1)") }
    let frames: [HTTP2Frame.FramePayload] = [
        .headers(.init(headers: [":status": "\(100 + cut * 2)"])), .data(.init(data: .byteBuffer(message))),
        .data(.init(data: .byteBuffer(ByteBuffer(bytes: second)))), .headers(.init(headers: trailers, endStream: true)),
    ]
    do {
        try channel.pipeline.syncOperations.addHandler(CallExchange(promise))
        for frame in frames { try channel.writeInbound(frame) }
    } catch {
        preconditionFailure("\(error)")
    }
}

/// Checks that messages are one line of bounded length, and counts are plausible.
private func check(_ outcome: SendOutcome) {
    let text: String
    switch outcome {
    case .delivered(let rejected, let message):
        precondition(rejected >= 0)
        text = message
    case .partlyStored(let dropped, let refusal):
        precondition(dropped ?? 0 >= 0)
        text = refusal.text
    case .refused(let refusal), .tooLarge(let refusal): text = refusal.text
    case .failed(let failure):
        precondition(failure.retryAfter ?? .zero >= .zero)
        text = failure.reason
    }
    precondition(text.count < 1500, "too long")
    precondition(!text.unicodeScalars.contains { $0.value < 0x20 }, "more than a line")
}
