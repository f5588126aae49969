internal import NIOCore

/// Removes one content coding of one body while its bytes arrive, within a limit.
struct Inflater {
    private enum Phase {
        /// Nothing has arrived.
        case fresh
        case inflating
        /// A stream has ended; for gzip another member may follow, for zstd another frame.
        case ended
    }

    let coding: ContentCoding
    /// Maximum bytes of output.
    let limit: Int
    let decoder: BodyDecoder
    private var phase = Phase.fresh
    /// Minimum output of one step, 16 KiB.
    private static let leastStep = 16 << 10
    private(set) var producedBytes = 0
    /// Whether the first byte of the body is valid for its coding.
    private var beginsAsCoded = true

    init(coding: ContentCoding, limit: Int, decoder: BodyDecoder) {
        self.coding = coding
        self.limit = limit
        self.decoder = decoder
    }

    /// Decompresses all of `input` and appends the result to `output`.
    ///
    /// Stops at the limit: `output` grows by at most `limit + 1` bytes over all calls, so that a bomb costs no more
    /// than a body of the limit's size (R-HTTP-13).
    /// - Parameter hasRoom: called before the output grows, with its new size in bytes.
    /// - Throws: `bodyTooLarge`, `noRoomForBody`, or `badRequest` if the input is damaged or continues after its end.
    mutating func inflate(
        _ input: UnsafeRawBufferPointer, into output: inout ByteBuffer, hasRoom: (Int) -> Bool = { _ in true }
    ) throws(ServerRefusal) {
        var rest = input
        while true {
            let wanted = min(max(rest.count.multipliedReportingOverflow(by: 4).partialValue, 4096), 1 << 20)
            let left = limit - producedBytes + 1
            if output.writableBytes == 0 { output.reserveCapacity(minimumWritableBytes: min(wanted, left)) }
            // The buffer may be much larger than the output: unwritten pages take no memory.
            let roomBytes = min(left, output.writableBytes, max(wanted, Self.leastStep))
            guard hasRoom(output.readableBytes + roomBytes) else { throw .noRoomForBody }
            var failure: ServerRefusal?
            var isRoomFull = false
            let made = output.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { writable in
                let room = UnsafeMutableRawBufferPointer(rebasing: writable.prefix(roomBytes))
                let (made, refusal) = step(&rest, into: room)
                failure = refusal
                isRoomFull = made == room.count
                return made
            }
            producedBytes += made
            if let failure { throw failure }
            if producedBytes > limit { throw .bodyTooLarge(limit: limit) }
            if !isRoomFull, rest.isEmpty { return }
        }
    }

    /// Decompresses from the front of `rest` until it or `room` is used up.
    /// - Returns: filled bytes of `room`, and the error, if any.
    mutating func step(
        _ rest: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> (Int, ServerRefusal?) {
        var made = 0
        while made < room.count {
            if phase != .inflating {
                if rest.isEmpty { return (made, nil) }
                if let refusal = startStream(first: rest[rest.startIndex]) { return (made, refusal) }
            }
            let (outcome, count) = decoder.step(&rest, into: UnsafeMutableRawBufferPointer(rebasing: room[made...]))
            made += count
            switch outcome {
            case .ended: phase = .ended
            case .damaged(let reason): return (made, .badRequest(damage(reason)))
            case .goesOn: if rest.isEmpty || count == 0 { return (made, nil) }
            }
        }
        return (made, nil)
    }

    /// What is wrong with the body, as a message for its sender.
    private func damage(_ reason: String) -> String {
        beginsAsCoded
            ? "the \(coding.name) body is damaged: \(reason)" : "the body is declared as \(coding.name), but is not"
    }

    /// To be called after all input.
    /// - Throws: `badRequest` if the body ends early.
    func finish() throws(ServerRefusal) {
        if phase != .ended { throw .badRequest("the \(coding.name) body ends early") }
    }

    private mutating func startStream(first: UInt8) -> ServerRefusal? {
        if phase == .fresh { beginsAsCoded = coding.canBegin(with: first) }
        switch decoder {
        case .zlib(let stream): return start(stream, first: first)
        case .zstd(let stream):
            stream.start()
            phase = .inflating
            return nil
        }
    }

    private mutating func start(_ stream: InflateStream, first: UInt8) -> ServerRefusal? {
        let format: InflateStream.Format
        switch (coding, phase) {
        case (.gzip, .fresh): format = .gzip
        // 0x1F is the first byte of every member; anything else is not gzip (RFC 1952, 2.3.1).
        case (.gzip, _) where first == 0x1F: format = .gzip
        case (.zlib, .fresh): format = .zlib
        // A zlib stream has 8 in the low bits and a window of at most 7 in the high ones. In raw deflate those bits
        // would be a stored block with padding that is not zero, which no encoder writes.
        case (.deflate, .fresh): format = first & 0x8F == 0x08 ? .zlib : .raw
        default: return .badRequest("bytes follow the end of the \(coding.name) body")
        }
        guard stream.start(format) else { return .internalError }
        phase = .inflating
        return nil
    }
}
