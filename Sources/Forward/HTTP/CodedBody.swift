private import CZlib
private import CZstd
internal import NIOCore
internal import Settings

extension Compression {
    /// The compressed body; nil if there is no memory for it.
    func coded(_ body: ByteBuffer) -> ByteBuffer? {
        switch self {
        case .none: body
        case .gzip: body.withUnsafeReadableBytes { Self.gzipped($0) }
        case .zstd: body.withUnsafeReadableBytes { Self.zstdCompressed($0) }
        }
    }

    /// At zlib's default level: no client waits for it here.
    private static func gzipped(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
        var stream = z_stream()
        let gzipWindow: Int32 = 15 + 16
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(clamping: deflateBound(&stream, UInt(bytes.count)))
        guard let input = UInt32(exactly: bytes.count), let room = UInt32(exactly: bound) else { return nil }
        var output = ByteBuffer()
        var status = Z_STREAM_ERROR
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { writable in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.avail_in = input
            stream.next_out = writable.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = room
            status = deflate(&stream, Z_FINISH)
            return bound - Int(stream.avail_out)
        }
        return status == Z_STREAM_END ? output : nil
    }

    private static func zstdCompressed(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
        let bound = ZSTD_compressBound(bytes.count)
        guard ZSTD_isError(bound) == 0 else { return nil }
        var output = ByteBuffer()
        var isCoded = false
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { writable in
            let count = ZSTD_compress(
                writable.baseAddress, writable.count, bytes.baseAddress, bytes.count, ZSTD_CLEVEL_DEFAULT)
            isCoded = ZSTD_isError(count) == 0
            return isCoded ? count : 0
        }
        return isCoded ? output : nil
    }
}
