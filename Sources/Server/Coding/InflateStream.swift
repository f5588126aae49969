private import CZlib

/// The memory of one inflation: about 40 KiB, so it is used again for body after body.
///
/// A class with its `z_stream` on the heap, since zlib keeps the address of it. Not thread-safe.
final class InflateStream {
    /// What is to be undone, as zlib's window bits name it.
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

    /// What one step came to.
    enum Outcome: Equatable {
        /// All input is used, or all room.
        case goesOn
        /// The end of the stream stands in the input; what follows it is not used.
        case ended
        /// zlib's words for what is wrong.
        case damaged(String)
    }

    private let stream: UnsafeMutablePointer<z_stream>

    /// nil when there is no memory for it.
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

    /// Starts anew; what was begun is forgotten. False when there is no memory.
    func start(_ format: Format) -> Bool {
        inflateReset2(stream, format.windowBits) == Z_OK
    }

    /// Inflates from the front of `input`, which is shortened by what was used, into `room`.
    /// - Returns: the outcome, and how many bytes of `room` are filled. Full room means: there may be more.
    func step(_ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> (Outcome, Int) {
        // zlib counts in 32 bits; what is left is taken by the next step.
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
        // Z_BUF_ERROR says no more than that input or room ran out.
        case Z_OK, Z_BUF_ERROR: return (.goesOn, made)
        case Z_STREAM_END: return (.ended, made)
        case Z_NEED_DICT: return (.damaged("it needs a preset dictionary"), made)
        case Z_MEM_ERROR: return (.damaged("out of memory"), made)
        default: return (.damaged(stream.pointee.msg.map { String(cString: $0) } ?? "it cannot be inflated"), made)
        }
    }
}
