internal import NIOCore
internal import NIOHTTP1

/// One response being sent: turns it into bytes piece by piece, so that only one piece is in memory in addition to the
/// service's body.
struct OutgoingResponse {
    /// Approximate size of one piece. More than half of a piece must be sent before the next one is made.
    static let pieceBytes = 128 << 10
    /// How much is compressed for one piece, which bounds the time to a few milliseconds.
    private static let plainBytes = 256 << 10
    /// Digits of a chunk's size, and the line end after them. A fixed width, since they are written last.
    private static let chunkPrefixBytes = 8 + 2

    private enum Source {
        case nothing
        case bytes(ByteBuffer)
        case stream(any ResponseStream)
    }

    /// Without its body.
    private let response: HTTPResponse
    private let framing: ResponseFraming
    private let connection: ConnectionHeader
    private var source: Source
    private var deflater: DeflateStream?
    private let isGzip: Bool
    /// The head is written.
    private(set) var hasBegun = false
    /// The service has aborted its body.
    private(set) var isCut = false
    /// It takes more memory than a usual response, or several pieces.
    let isLong: Bool

    /// Whether the connection has to end with the response.
    var endsWithConnection: Bool { framing == .untilClose }

    /// - Parameter head: the request's; nil if none could be read.
    init(
        _ response: HTTPResponse, to request: RequestFraming, head: HTTPRequestHead?, keepsAlive: Bool,
        on loop: ListenerLoop
    ) {
        var source: Source
        switch response.body {
        case .none: source = .nothing
        case .bytes(let bytes): source = .bytes(bytes)
        case .stream(let stream): source = .stream(stream)
        }
        var deflater: DeflateStream?
        if response.compressible, let head, AcceptEncoding.takesGzip(head.headers) {
            if case .nothing = source {} else { deflater = loop.takeDeflater() }
        }
        isGzip = deflater != nil
        // A small body is compressed at once, so that its length is known.
        if let stream = deflater, case .bytes(let bytes) = source, bytes.readableBytes <= Self.pieceBytes,
            !request.isHead
        {
            var compressed = ByteBuffer()
            bytes.withUnsafeReadableBytes { stream.deflate($0, into: &compressed, isLast: true) }
            source = .bytes(compressed)
            loop.give(stream)
            deflater = nil
        }
        framing = Self.framing(of: source, isCompressed: deflater != nil, status: response.status, request: request)
        if request.isHead || framing == .bodiless {
            source = .nothing
            if let stream = deflater { loop.give(stream) }
            deflater = nil
        }
        let keepsAlive = keepsAlive && framing != .untilClose
        connection = !keepsAlive ? .close : request.isVersion10 ? .keepAlive : .unsaid
        self.response = HTTPResponse(
            status: response.status, headers: response.headers, compressible: response.compressible)
        self.source = source
        self.deflater = deflater
        isLong =
            switch source {
            case .nothing: false
            case .bytes(let bytes): bytes.readableBytes > 4 << 10
            case .stream: true
            }
    }

    private static func framing(
        of source: Source, isCompressed: Bool, status: HTTPResponseStatus, request: RequestFraming
    ) -> ResponseFraming {
        if status == .noContent || status == .notModified || status.code < 200 { return .bodiless }
        switch source {
        case .nothing: return .length(0)
        case .bytes(let bytes) where !isCompressed: return .length(bytes.readableBytes)
        case .bytes, .stream:
            if request.isHead, request.isVersion10 { return .bodiless }
            return request.isVersion10 ? .untilClose : .chunked
        }
    }

    /// The source of the body; nil if it is complete.
    var stream: (any ResponseStream)? {
        if case .stream(let stream) = source { stream } else { nil }
    }

    /// Appends the next piece to `buffer`, with the head before the first one.
    /// - Returns: whether this was the last one.
    mutating func writeNext(into buffer: inout ByteBuffer, on loop: ListenerLoop) -> Bool {
        if !hasBegun {
            hasBegun = true
            buffer.writeResponseHead(
                response, framing: framing, connection: connection, isGzip: isGzip, date: loop.currentDate())
        }
        if case .nothing = source { return true }
        guard framing == .chunked else { return writePiece(into: &buffer, on: loop) }
        let start = buffer.writerIndex
        buffer.writeRepeatingByte(UInt8(ascii: "0"), count: Self.chunkPrefixBytes)
        let isLast = writePiece(into: &buffer, on: loop)
        let count = buffer.writerIndex - start - Self.chunkPrefixBytes
        if count == 0 {
            // An empty chunk would end the body.
            buffer.moveWriterIndex(to: start)
        } else {
            buffer.setChunkSize(count, at: start)
            buffer.writeStaticString("\r\n")
        }
        if isLast { buffer.writeStaticString("0\r\n\r\n") }
        return isLast
    }

    /// Returns what is borrowed; to be called when the response is over, complete or not.
    mutating func end(on loop: ListenerLoop) {
        if let deflater { loop.give(deflater) }
        deflater = nil
        source = .nothing
    }

    private mutating func writePiece(into buffer: inout ByteBuffer, on loop: ListenerLoop) -> Bool {
        guard let deflater else { return appendPlain(to: &buffer, atMost: Self.pieceBytes) }
        let start = buffer.writerIndex
        var taken = 0
        var isLast = false
        while !isLast, taken < Self.plainBytes, buffer.writerIndex - start < Self.pieceBytes {
            loop.plainPiece.clear()
            isLast = appendPlain(to: &loop.plainPiece, atMost: Self.pieceBytes)
            taken += loop.plainPiece.readableBytes
            loop.plainPiece.withUnsafeReadableBytes { deflater.deflate($0, into: &buffer, isLast: isLast) }
        }
        return isLast
    }

    /// Appends the next part of the uncompressed body; true if there is no more.
    private mutating func appendPlain(to buffer: inout ByteBuffer, atMost limit: Int) -> Bool {
        switch source {
        case .nothing:
            return true
        case .bytes(var bytes):
            if let piece = bytes.readSlice(length: min(limit, bytes.readableBytes)) {
                buffer.writeImmutableBuffer(piece)
            }
            source = .bytes(bytes)
            return bytes.readableBytes == 0
        case .stream(let stream):
            let start = buffer.writerIndex
            while buffer.writerIndex - start < limit {
                let before = buffer.writerIndex
                guard stream.writeNext(into: &buffer, targetBytes: limit - (before - start)) else {
                    isCut = true
                    return true
                }
                if buffer.writerIndex == before { return true }
            }
            return false
        }
    }
}

extension ByteBuffer {
    /// Fills a chunk's prefix: eight hexadecimal digits and a line end.
    fileprivate mutating func setChunkSize(_ count: Int, at index: Int) {
        var rest = UInt32(truncatingIfNeeded: count)
        var prefix: (UInt64, UInt16) = (0, 0x0D0A)
        for place in 0..<8 {
            let digit = UInt64(rest & 0xF)
            prefix.0 |= (digit < 10 ? digit + 0x30 : digit + 0x57) << (8 * place)
            rest >>= 4
        }
        setInteger(prefix.0, at: index)
        setInteger(prefix.1, at: index + 8)
    }
}
