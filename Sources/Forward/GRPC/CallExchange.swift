internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// The server's response to a call.
struct GRPCReply: Sendable {
    /// `:status` of HTTP.
    var httpStatus = 0
    /// `grpc-status`; nil when there is none.
    var status: Int?
    /// `grpc-message`, unescaped.
    var message = ""
    /// `grpc-status-details-bin`, as sent.
    var details = ""
    /// The message of the response without its prefix, as far as it is kept; empty if it is compressed.
    var body = ByteBuffer()
}

/// One call on a stream of its own.
final class CallExchange: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Bytes of a response that are kept. 16 KiB.
    private static let bodyLimit = 16 << 10
    /// Bytes of a response that are read at all; a call with a longer one fails. 1 MiB.
    private static let readLimit = 1 << 20

    private let promise: EventLoopPromise<GRPCReply>
    private var reply = GRPCReply()
    private var bytes = ByteBuffer()
    private var bytesRead = 0
    private var isOver = false

    init(_ promise: EventLoopPromise<GRPCReply>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let headers):
            read(headers.headers)
            if headers.endStream { end() }
        case .data(let data):
            if case .byteBuffer(var content) = data.data {
                bytesRead += content.readableBytes
                if bytesRead > Self.readLimit {
                    fail("the answer is too long")
                    return context.close(promise: nil)
                }
                let room = Self.bodyLimit - bytes.readableBytes
                if let kept = content.readSlice(length: min(room, content.readableBytes)) {
                    bytes.writeImmutableBuffer(kept)
                }
            }
            if data.endStream { end() }
        case .rstStream(let code): fail("the server reset the call (\(code))")
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("the connection was closed without an answer")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isOver {
            isOver = true
            promise.fail(error)
        }
        context.close(promise: nil)
    }

    private func read(_ headers: HPACKHeaders) {
        if let status = headers.first(name: ":status").flatMap({ Int($0) }) { reply.httpStatus = status }
        if let status = headers.first(name: "grpc-status").flatMap({ Int($0) }) { reply.status = status }
        if let message = headers.first(name: "grpc-message") { reply.message = Self.unescaped(message) }
        if let details = headers.first(name: "grpc-status-details-bin") { reply.details = details }
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        if bytes.readInteger(as: UInt8.self) == 0, let length = bytes.readInteger(as: UInt32.self) {
            reply.body = bytes.readSlice(length: min(Int(length), bytes.readableBytes)) ?? ByteBuffer()
        }
        promise.succeed(reply)
    }

    private func fail(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        promise.fail(CallFault(reason: reason))
    }

    /// Decodes percent-encoded UTF-8, as gRPC uses it.
    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why a call has no response.
struct CallFault: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
