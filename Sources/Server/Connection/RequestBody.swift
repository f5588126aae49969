internal import NIOCore
internal import Settings

/// Gathers the body of one request after the other as it is sent, and undoes its content codings when it is whole, within
/// a limit.
///
/// A body that comes in one piece and is not coded is handed on as it came, without a copy. One that is coded is inflated
/// only when all of it is there, so that what is never whole takes no more than was sent.
struct RequestBody {
    private let loop: ListenerLoop
    /// The first piece, as long as it is the only one.
    private var only: ByteBuffer?
    private var gathered: ByteBuffer?
    private var codings: [ContentCoding] = []
    private var limit = 0
    private var contentLength: Int?

    /// At most this much is reserved because a head says so; the rest only when that much has come.
    private static let trustedBytes = 1 << 20
    /// How much the inflater of the coding applied last is given at once, when there are two. deflate grows at most about
    /// 1030 times, so that it makes no more than `betweenBytes` of it.
    private static let outerInputBytes = 60
    private static let betweenBytes = 64 << 10

    init(loop: ListenerLoop) { self.loop = loop }

    /// Bytes that have arrived.
    var heldBytes: Int { (gathered ?? only)?.readableBytes ?? 0 }

    /// Starts the body of a request. What comes out is at most `limit` bytes.
    mutating func begin(_ request: RequestFraming, limit: Int) {
        discard()
        contentLength = request.contentLength
        codings = request.codings
        self.limit = limit
    }

    /// Takes the next piece. How many bytes come is limited by the caller.
    mutating func append(_ piece: ByteBuffer) {
        if gathered == nil, only == nil, contentLength == nil || contentLength == piece.readableBytes {
            only = piece
            return
        }
        settle()
        var buffer = takeGathered()
        buffer.writeImmutableBuffer(piece)
        gathered = buffer
    }

    /// Moves what has arrived into memory of its own: a piece lies in the buffer of a whole read.
    mutating func settle() {
        guard let first = only else { return }
        only = nil
        var buffer = takeGathered()
        buffer.writeImmutableBuffer(first)
        gathered = buffer
    }

    /// The whole body; an empty one when none came.
    /// - Parameter hasRoom: asked before an inflated body grows, with the bytes that it and what was sent may then take,
    ///   and told in the end what they take.
    /// - Throws: when a coded body cannot be inflated, or not within the limits.
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

    /// Forgets the body and gives back what was borrowed for it.
    mutating func discard() {
        only = nil
        if let gathered { loop.give(gathered) }
        gathered = nil
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
        // What lies between two inflaters is bounded as well, by the limit and piece by piece: else a small body could
        // keep us busy for long with a middle stage that comes to nothing in the end.
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
