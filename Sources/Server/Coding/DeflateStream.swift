private import CZlib
internal import NIOCore

/// Compresses with gzip at level 1, since it runs on the event loop that also receives exports.
///
/// About 260 KiB, so it is used again for response after response. Not thread-safe.
final class DeflateStream {
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is no memory for it.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        let gzipWindow: Int32 = 15 + 16
        guard deflateInit2_(stream, 1, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Starts a new stream; an unfinished one is discarded.
    func start() {
        deflateReset(stream)
    }

    /// Compresses all of `input` and appends the available output to `output`; everything if `isLast`.
    func deflate(_ input: UnsafeRawBufferPointer, into output: inout ByteBuffer, isLast: Bool) {
        var rest = input
        repeat {
            let count = min(rest.count, 1 << 30)
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            deflatePiece(piece, into: &output, isLast: isLast && rest.isEmpty)
        } while !rest.isEmpty
    }

    private func deflatePiece(_ piece: UnsafeRawBufferPointer, into output: inout ByteBuffer, isLast: Bool) {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(piece.count)
        var isRoomFull: Bool
        repeat {
            isRoomFull = false
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: max(1024, piece.count / 8)) { writable in
                let room = UnsafeMutableRawBufferPointer(rebasing: writable.prefix(1 << 30))
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(room.count)
                _ = CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                isRoomFull = stream.pointee.avail_out == 0
                return room.count - Int(stream.pointee.avail_out)
            }
        } while isRoomFull
    }
}
