import CZstd

/// `bytes` as one Zstandard frame.
func zstdCompressed(_ bytes: [UInt8], level: Int32 = 3) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&output, output.count, bytes, bytes.count, level)
    return Array(output[..<count])
}

/// One frame with a window of this many bits, as from long-distance encoders.
func zstdCompressed(_ bytes: [UInt8], windowLog: Int32) -> [UInt8] {
    guard let context = ZSTD_createCCtx() else { return [] }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count) + 64)
    let capacity = output.count
    return bytes.withUnsafeBytes { bytes in
        let count = output.withUnsafeMutableBytes { room in
            // Begun without the end, so that the window is not reduced to the content.
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = ZSTD_outBuffer(dst: room.baseAddress, size: capacity, pos: 0)
            ZSTD_compressStream2(context, &target, &source, ZSTD_e_flush)
            ZSTD_compressStream2(context, &target, &source, ZSTD_e_end)
            return target.pos
        }
        return Array(output[..<count])
    }
}
