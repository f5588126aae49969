import CZlib

/// Gzip, for bodies that no fixture holds.
enum Gzip {
    struct Fault: Error {
        var code: Int32
    }

    static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        try compressed(pieces: CollectionOfOne(bytes))
    }

    /// `count` zero bytes, compressed without ever holding them.
    static func zeros(_ count: Int) throws -> [UInt8] {
        let piece = [UInt8](repeating: 0, count: 1 << 20)
        return try compressed(pieces: (0..<(count / piece.count)).lazy.map { _ in piece })
    }

    private static func compressed(pieces: some Sequence<[UInt8]>) throws -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        // 16 above the window bits asks for gzip's header and trailer.
        let code = deflateInit2_(
            &stream, 9, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        guard code == Z_OK else { throw Fault(code: code) }
        defer { deflateEnd(&stream) }
        var output: [UInt8] = []
        for piece in pieces { try deflatePiece(piece, flush: Z_NO_FLUSH, stream: &stream, output: &output) }
        try deflatePiece([], flush: Z_FINISH, stream: &stream, output: &output)
        return output
    }

    private static func deflatePiece(
        _ piece: [UInt8], flush: Int32, stream: inout z_stream, output: inout [UInt8]
    ) throws {
        var input = piece
        try input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var room = [UInt8](repeating: 0, count: 1 << 16)
            var left: UInt32 = 0
            repeat {
                try room.withUnsafeMutableBufferPointer { room in
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(room.count)
                    let code = deflate(&stream, flush)
                    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw Fault(code: code) }
                    left = stream.avail_out
                }
                output += room[..<(room.count - Int(left))]
            } while left == 0
        }
    }

    /// Undoes gzip; the result must be shorter than 16 MiB.
    static func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Fault(code: Z_MEM_ERROR)
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 16 << 20)
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        guard code == Z_STREAM_END, stream.avail_in == 0 else { throw Fault(code: code) }
        return Array(output.prefix(Int(stream.total_out)))
    }
}
