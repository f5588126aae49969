internal import NIOCore

/// Gathers the body of one request after the other, content codings undone, within a limit.
///
/// A body that comes in one piece and is not coded is handed on as it came, without a copy.
struct RequestBody {
    private let loop: ListenerLoop
    /// The first piece, as long as it is the only one.
    private var only: ByteBuffer?
    private var gathered: ByteBuffer?
    /// What comes out of it is the body.
    private var inflater: Inflater?
    /// Undoes the coding applied last, when there are two: it sees the bytes as sent, `inflater` what comes out here.
    private var outer: Inflater?
    private var contentLength: Int?

    /// At most this much is reserved because a head says so; the rest only when that much has come.
    private static let trustedBytes = 1 << 20
    /// How much the outer inflater is given at once. deflate grows at most about 1030 times, so that it makes no more
    /// than `betweenBytes` of it.
    private static let outerInputBytes = 60
    private static let betweenBytes = 64 << 10

    init(loop: ListenerLoop) { self.loop = loop }

    /// Starts the body of a request. What comes out is at most `limit` bytes.
    mutating func begin(_ request: RequestFraming, limit: Int) throws(ServerRefusal) {
        discard()
        contentLength = request.contentLength
        inflater = try makeInflater(request.codings.first, limit: limit)
        outer = try makeInflater(request.codings.dropFirst().first, limit: limit)
    }

    /// Takes the next piece. How many bytes come is limited by the caller, how many come out here.
    mutating func append(_ piece: ByteBuffer) throws(ServerRefusal) {
        guard inflater == nil else { return try inflate(piece) }
        if gathered == nil, only == nil, contentLength == nil || contentLength == piece.readableBytes {
            only = piece
            return
        }
        var buffer = takeGathered()
        if let first = only {
            buffer.writeImmutableBuffer(first)
            only = nil
        }
        buffer.writeImmutableBuffer(piece)
        gathered = buffer
    }

    /// The whole body; an empty one when none came.
    /// - Throws: when a coded body ends early.
    mutating func finish() throws(ServerRefusal) -> ByteBuffer {
        try outer?.finish()
        try inflater?.finish()
        return only ?? gathered ?? ByteBuffer()
    }

    /// Forgets the body and gives back what was borrowed for it.
    mutating func discard() {
        only = nil
        if let gathered { loop.give(gathered) }
        gathered = nil
        if let inflater { loop.give(inflater.decoder) }
        if let outer { loop.give(outer.decoder) }
        inflater = nil
        outer = nil
    }

    /// The buffer to append to, taken out so that it is not copied for being referenced twice.
    private mutating func takeGathered() -> ByteBuffer {
        var buffer: ByteBuffer
        if let started = gathered {
            buffer = started
            gathered = nil
        } else {
            buffer = loop.takeBodyBuffer()
            buffer.reserveCapacity(min(contentLength ?? 0, Self.trustedBytes))
        }
        if let contentLength, buffer.writerIndex >= Self.trustedBytes { buffer.reserveCapacity(contentLength) }
        return buffer
    }

    private func makeInflater(_ coding: ContentCoding?, limit: Int) throws(ServerRefusal) -> Inflater? {
        guard let coding else { return nil }
        guard let decoder = loop.takeDecoder(of: coding) else { throw .internalError }
        return Inflater(coding: coding, limit: limit, decoder: decoder)
    }

    private mutating func inflate(_ piece: ByteBuffer) throws(ServerRefusal) {
        var output = gathered ?? loop.takeBodyBuffer()
        gathered = nil
        defer { gathered = output }
        guard outer != nil else { return try Self.inflate(piece, with: &inflater, into: &output) }
        // What lies between two inflaters is bounded as well, by the limit and piece by piece: else a small body could
        // keep us busy for long with a middle stage that comes to nothing in the end.
        var between = ByteBuffer()
        var rest = piece
        while let part = rest.readSlice(length: min(Self.outerInputBytes, rest.readableBytes)), part.readableBytes > 0 {
            between.clear(minimumCapacity: Self.betweenBytes)
            try Self.inflate(part, with: &outer, into: &between)
            try Self.inflate(between, with: &inflater, into: &output)
        }
    }

    private static func inflate(
        _ input: ByteBuffer, with inflater: inout Inflater?, into output: inout ByteBuffer
    ) throws(ServerRefusal) {
        var refusal: ServerRefusal?
        input.withUnsafeReadableBytes { bytes in
            do throws(ServerRefusal) {
                try inflater?.inflate(bytes, into: &output)
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }
}
