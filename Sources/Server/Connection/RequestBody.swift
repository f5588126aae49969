internal import NIOCore
internal import Settings

/// Collects the bodies of one request after the other as sent, and decompresses each when it is complete, within a
/// limit.
///
/// An uncompressed body that arrives in one piece is handed on without a copy. A compressed body is decompressed only
/// when it is complete, so that an incomplete one takes no more memory than was sent.
struct RequestBody {
    private let loop: ListenerLoop
    /// The first piece, as long as it is the only one.
    private var only: ByteBuffer?
    private var gathered: ByteBuffer?
    private var codings: [ContentCoding] = []
    private var limit = 0
    private var contentLength: Int?
    private var pieces = 0

    /// At most this much is reserved because of the head; the rest only when that much has arrived.
    private static let trustedBytes = 1 << 20
    /// How much input the decompressor of the outer coding gets at once, if there are two. deflate expands at most
    /// about 1030 times, so its output is at most `betweenBytes`.
    private static let outerInputBytes = 60
    private static let betweenBytes = 64 << 10

    /// Chunks of fewer bytes on average are crumbs. 64.
    private static let smallChunk = 64
    /// Crumbs that one body may have: each costs as much as a large chunk. 16,384.
    private static let crumbs = 16_384

    init(loop: ListenerLoop) { self.loop = loop }

    /// Whether the body arrives in so many small chunks that it is to be refused.
    var isInCrumbs: Bool {
        contentLength == nil && pieces > Self.crumbs && heldBytes < pieces * Self.smallChunk
    }

    /// Received bytes.
    var heldBytes: Int { (gathered ?? only)?.readableBytes ?? 0 }

    /// Starts the body of a request. Its decompressed size is at most `limit` bytes.
    mutating func begin(_ request: RequestFraming, limit: Int) {
        discard()
        contentLength = request.contentLength
        codings = request.codings
        self.limit = limit
        pieces = 0
    }

    /// Appends the next piece. The caller limits the size.
    mutating func append(_ piece: ByteBuffer) {
        pieces += 1
        if gathered == nil, only == nil, contentLength == nil || contentLength == piece.readableBytes {
            only = piece
            return
        }
        settle()
        var buffer = takeGathered()
        buffer.writeImmutableBuffer(piece)
        gathered = buffer
    }

    /// Copies the received bytes into their own memory: a piece shares the buffer of a whole read.
    mutating func settle() {
        guard let first = only else { return }
        only = nil
        var buffer = takeGathered()
        buffer.writeImmutableBuffer(first)
        gathered = buffer
    }

    /// The complete body; empty if none arrived.
    /// - Parameter hasRoom: called before a decompressed body grows, with the bytes of it and of what was sent, and at
    ///   the end with the bytes that both take.
    /// - Throws: when a body cannot be decompressed, or not within the limits.
    mutating func finish(hasRoom: (Int) -> Bool) throws(ServerRefusal) -> ByteBuffer {
        let sent = only ?? gathered ?? ByteBuffer()
        guard let coding = codings.first else { return sent }
        let inflation = InflationLimit(
            bodyLimit: limit, sent: sent.readableBytes, ratio: loop.settings.limits.maxInflateRatio)
        do throws(ServerRefusal) {
            let output = try inflated(sent, coding, limit: inflation.bytes) { hasRoom(sent.readableBytes + $0) }
            discard()
            gathered = output
            _ = hasRoom(output.readableBytes)
            return output
        } catch {
            throw inflation.refusal(for: error)
        }
    }

    /// Releases the body and what was borrowed for it.
    mutating func discard() {
        only = nil
        if let gathered { loop.give(gathered) }
        gathered = nil
    }

    /// The buffer to append to, taken out so that it is not copied because of a second reference.
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

    private func inflated(
        _ sent: ByteBuffer, _ coding: ContentCoding, limit: Int, hasRoom: (Int) -> Bool
    ) throws(ServerRefusal) -> ByteBuffer {
        var inflater = try makeInflater(coding, limit: limit)
        defer { loop.give(inflater.decoder) }
        var output = loop.takeBodyBuffer()
        guard let last = codings.dropFirst().first else {
            try Self.inflate(sent, with: &inflater, into: &output, hasRoom)
            try inflater.finish()
            return output
        }
        // The data between two decompressors is bounded as well, in total and piece by piece: otherwise a small body
        // could cause much work with an intermediate stage that produces nothing.
        var outer = try makeInflater(last, limit: limit)
        defer { loop.give(outer.decoder) }
        var between = ByteBuffer()
        var rest = sent
        while let part = rest.readSlice(length: min(Self.outerInputBytes, rest.readableBytes)), part.readableBytes > 0 {
            between.clear(minimumCapacity: Self.betweenBytes)
            try Self.inflate(part, with: &outer, into: &between, { _ in true })
            try Self.inflate(between, with: &inflater, into: &output, hasRoom)
        }
        try outer.finish()
        try inflater.finish()
        return output
    }

    private func makeInflater(_ coding: ContentCoding, limit: Int) throws(ServerRefusal) -> Inflater {
        guard let decoder = loop.takeDecoder(of: coding) else { throw .internalError }
        return Inflater(coding: coding, limit: limit, decoder: decoder)
    }

    private static func inflate(
        _ input: ByteBuffer, with inflater: inout Inflater, into output: inout ByteBuffer, _ hasRoom: (Int) -> Bool
    ) throws(ServerRefusal) {
        var refusal: ServerRefusal?
        input.withUnsafeReadableBytes { bytes in
            do throws(ServerRefusal) {
                try inflater.inflate(bytes, into: &output, hasRoom: hasRoom)
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }
}
