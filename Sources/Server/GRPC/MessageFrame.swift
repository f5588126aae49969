internal import NIOCore
internal import Settings

/// Collects the one message of a call: a flag, its length in four bytes, and the message (gRPC over HTTP/2,
/// "Length-Prefixed-Message").
///
/// A message that arrives in one piece is handed on without a copy.
struct MessageFrame {
    static let prefixBytes = 5
    /// At most this much is reserved because of the prefix; the rest only when that much has arrived.
    private static let trustedBytes = 1 << 20

    private var bytes: ByteBuffer?
    /// `bytes` is a buffer of the loop.
    private var isGathered = false
    let limit: Int

    init(limit: Int) { self.limit = min(limit, Int(Int32.max)) }

    /// Received bytes, including the prefix.
    var count: Int { bytes?.readableBytes ?? 0 }

    /// Takes the next piece.
    /// - Throws: as soon as the message is known to be too large, or to be followed by another one.
    mutating func append(_ piece: ByteBuffer, on loop: ListenerLoop) throws(CallFailure) {
        settle(on: loop)
        if var gathered = bytes {
            // Taken out, so that it is not copied because of a second reference.
            bytes = nil
            gathered.writeImmutableBuffer(piece)
            bytes = gathered
        } else {
            bytes = piece
        }
        guard let bytes, let declared = declaredBytes(of: bytes) else { return }
        if declared > limit { throw .messageTooLarge(declared, limit: limit) }
        if bytes.readableBytes > declared + Self.prefixBytes {
            throw .malformed("the call has more than one message; unary calls have one")
        }
    }

    /// Copies the received bytes into their own memory: a piece shares the buffer of a whole read.
    mutating func settle(on loop: ListenerLoop) {
        guard !isGathered, let first = bytes else { return }
        isGathered = true
        var gathered = loop.takeBodyBuffer()
        gathered.reserveCapacity(min(declaredBytes(of: first) ?? 0, Self.trustedBytes) + Self.prefixBytes)
        gathered.writeImmutableBuffer(first)
        bytes = gathered
    }

    /// The message, decompressed if necessary.
    /// - Throws: when it is not one complete message, or cannot be decompressed within the limit.
    /// - Parameter hasRoom: called before a decompressed message grows, with the bytes of it and of what was sent.
    mutating func finish(
        _ coding: MessageCoding, on loop: ListenerLoop, hasRoom: (Int) -> Bool
    ) throws(CallFailure) -> ByteBuffer {
        guard var frame = bytes else { throw .malformed("the call has no message") }
        guard let flag = frame.readInteger(as: UInt8.self), let length = frame.readInteger(as: UInt32.self),
            let message = frame.readSlice(length: Int(length))
        else {
            throw .malformed("the message ends early")
        }
        switch (flag, coding) {
        case (0, _): return message
        case (1, .coded(let coding)): return try inflated(message, coding, on: loop, hasRoom)
        case (1, _):
            throw .malformed("the message is marked as compressed, but has no grpc-encoding")
        default: throw .malformed("the compressed flag of the message is neither 0 nor 1")
        }
    }

    /// Returns what was borrowed; others may still hold the message.
    mutating func discard(on loop: ListenerLoop) {
        if isGathered, let bytes { loop.give(bytes) }
        bytes = nil
        isGathered = false
    }

    private func declaredBytes(of frame: ByteBuffer) -> Int? {
        frame.getInteger(at: frame.readerIndex + 1, as: UInt32.self).map(Int.init)
    }

    private mutating func inflated(
        _ message: ByteBuffer, _ coding: ContentCoding, on loop: ListenerLoop, _ hasRoom: (Int) -> Bool
    ) throws(CallFailure) -> ByteBuffer {
        let sent = message.readableBytes
        let inflation = InflationLimit(bodyLimit: limit, sent: sent, ratio: loop.settings.limits.maxInflateRatio)
        guard let decoder = loop.takeDecoder(of: coding) else { throw .fault }
        defer { loop.give(decoder) }
        var inflater = Inflater(coding: coding, limit: inflation.bytes, decoder: decoder)
        var output = loop.takeBodyBuffer()
        var refusal: ServerRefusal?
        message.withUnsafeReadableBytes { bytes in
            do throws(ServerRefusal) {
                try inflater.inflate(bytes, into: &output) { hasRoom(sent + $0) }
                try inflater.finish()
            } catch {
                refusal = inflation.refusal(for: error)
            }
        }
        discard(on: loop)
        bytes = output
        isGathered = true
        switch refusal {
        case nil:
            _ = hasRoom(output.readableBytes)
            return output
        case .bodyTooLarge: throw .messageTooLarge(nil, limit: limit)
        case .inflatesTooFar(let ratio):
            throw CallFailure(.resourceExhausted, ServerRefusal.inflateText(ratio: ratio), refusal: .tooLarge)
        case .noRoomForBody: throw .noRoom
        case .badRequest(let reason): throw .malformed(reason)
        default: throw .fault
        }
    }
}

extension CallFailure {
    /// An internal error.
    static let fault = CallFailure(.internalError, "internal error; see the log of the collector")

    static func malformed(_ reason: String) -> CallFailure {
        CallFailure(.internalError, reason, refusal: .malformed)
    }

    static func messageTooLarge(_ bytes: Int?, limit: Int) -> CallFailure {
        let size = bytes.map { "has \($0) bytes" } ?? "is too large when decompressed"
        return CallFailure(
            .resourceExhausted,
            "the message \(size); the limit is \(limit), as sent and as decompressed; send smaller batches",
            refusal: .tooLarge)
    }
}
