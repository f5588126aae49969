private import CZlib

/// The memory of one decompression: about 40 KiB, so it is used again for body after body.
///
/// A class with its `z_stream` on the heap, since zlib stores its address. Not thread-safe.
final class InflateStream {
    /// The format, as zlib's window bits name it.
    enum Format {
        case gzip
        case zlib
        case raw

        var windowBits: Int32 {
            switch self {
            case .gzip: 15 + 16
            case .zlib: 15
            case .raw: -15
            }
        }
    }

    /// The result of one step.
    enum Outcome: Equatable {
        /// All input or all room is used.
        case goesOn
        /// The stream has ended; the rest of the input is not used.
        case ended
        /// zlib's message about the error.
        case damaged(String)
    }

    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is no memory for it.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Format.gzip.windowBits, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Starts a new stream; an unfinished one is discarded. False if there is no memory.
    func start(_ format: Format) -> Bool {
        inflateReset2(stream, format.windowBits) == Z_OK
    }

    /// Decompresses from the front of `input` into `room`, and removes the used part of `input`.
    /// - Returns: the outcome, and how many bytes of `room` are filled. If `room` is full, there may be more.
    func step(_ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> (Outcome, Int) {
        // zlib counts in 32 bits; the next step takes the rest.
        let inputCount = min(input.count, 1 << 30)
        let roomCount = min(room.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(inputCount)
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(roomCount)
        let result = inflate(stream, Z_NO_FLUSH)
        let used = inputCount - Int(stream.pointee.avail_in)
        let made = roomCount - Int(stream.pointee.avail_out)
        input = UnsafeRawBufferPointer(rebasing: input[used...])
        switch result {
        // Z_BUF_ERROR only means that input or room ran out.
        case Z_OK, Z_BUF_ERROR: return (.goesOn, made)
        case Z_STREAM_END: return (.ended, made)
        case Z_NEED_DICT: return (.damaged("it needs a preset dictionary"), made)
        case Z_MEM_ERROR: return (.damaged("out of memory"), made)
        default: return (.damaged(stream.pointee.msg.map { String(cString: $0) } ?? "it cannot be decompressed"), made)
        }
    }
}
