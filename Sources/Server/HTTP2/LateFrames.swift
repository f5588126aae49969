internal import NIOCore
internal import NIOHTTP2

/// Parses the frames of one connection and, once the last GOAWAY is sent, removes those of later calls: they are
/// ignored (RFC 9113, 6.8), whatever they are.
///
/// Their header blocks are passed on as new streams that are not answered, since they change the HPACK table.
struct LateFrames {
    private static let headBytes = 9
    private static let streamMask: UInt32 = 0x7FFF_FFFF

    /// Of frames (RFC 9113, 6).
    private enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let resetStream: UInt8 = 3
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    /// The received part of the next frame's head.
    private var head: [UInt8] = []
    /// How many of its bytes were passed on.
    private var goneBytes = 0
    /// Length of the current frame's payload, and its kind.
    private var frame: (bytes: Int, kind: UInt8) = (0, 0)
    /// Outstanding bytes of the current frame.
    private var bytesLeft = 0
    private var isIgnored = false
    /// The last call that is answered; nil while all are.
    private var last: UInt32?
    /// The newest stream that was passed on.
    private var newest: UInt32 = 0
    private var credit: UInt32 = 0

    /// From now on calls after `last` are ignored. A frame that was passed on in part is passed on.
    mutating func end(behind last: HTTP2StreamID) { self.last = min(self.last ?? .max, UInt32(Int(last))) }

    /// The bytes of the connection's window that were removed since the last call; the client gets them back.
    mutating func takeCredit() -> UInt32 {
        defer { credit = 0 }
        return credit
    }

    /// The longest frame that clients may send: SETTINGS_MAX_FRAME_SIZE.
    private static let longestFrame = 16_384

    /// Bytes of the frame that is not complete, with its head, as long as no call is ignored; 0 for DATA, which is used
    /// as it arrives, and for a frame that is too long.
    var incompleteBytes: Int {
        guard last == nil else { return 0 }
        if bytesLeft == 0 { return head.count }
        guard frame.kind != Kind.data, frame.bytes <= Self.longestFrame else { return 0 }
        return Self.headBytes + frame.bytes - bytesLeft
    }

    /// - Returns: the bytes to pass on.
    mutating func pass(_ bytes: ByteBuffer) -> ByteBuffer {
        var kept = last == nil ? bytes : ByteBuffer()
        bytes.withUnsafeReadableBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                if bytesLeft > 0 {
                    let part = rest.prefix(bytesLeft)
                    bytesLeft -= part.count
                    rest = rest.dropFirst(part.count)
                    if last != nil, !isIgnored { kept.writeBytes(part) }
                } else {
                    let part = rest.prefix(Self.headBytes - head.count)
                    head += part
                    rest = rest.dropFirst(part.count)
                    if head.count == Self.headBytes { beginFrame(&kept) }
                }
            }
        }
        if last == nil { goneBytes = head.count }
        return kept
    }

    private mutating func beginFrame(_ kept: inout ByteBuffer) {
        bytesLeft = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        frame = (bytesLeft, head[3])
        isIgnored = false
        let stream = head[5...].reduce(0) { $0 << 8 | UInt32($1) } & Self.streamMask
        if let last {
            if stream > last, goneBytes == 0 { beginLateFrame() }
            if !isIgnored { kept.writeBytes(head[goneBytes...]) }
        }
        if head[3] == Kind.headers, last.map({ stream <= $0 || goneBytes > 0 }) ?? true { newest = max(newest, stream) }
        head.removeAll(keepingCapacity: true)
        goneBytes = 0
    }

    private mutating func beginLateFrame() {
        switch head[3] {
        case Kind.data:
            credit &+= UInt32(bytesLeft)
            isIgnored = true
        case Kind.priority, Kind.resetStream, Kind.windowUpdate: isIgnored = true
        case Kind.headers:
            newest = newest == 0 ? 1 : (newest &+ 2) & Self.streamMask
            rename()
        case Kind.continuation: rename()
        default: break
        }
    }

    private mutating func rename() {
        for index in 0..<4 { head[5 + index] = UInt8(truncatingIfNeeded: newest >> (24 - 8 * UInt32(index))) }
    }
}
