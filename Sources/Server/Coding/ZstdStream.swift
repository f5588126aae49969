private import CZstd

/// The memory of one zstd decompression: about 150 KiB, and a window as large as its output.
///
/// Not thread-safe.
final class ZstdStream {
    /// A window may have 8 MiB, which RFC 9659 requires of senders. Log2.
    private static let windowLogLimit: Int32 = 23

    private let context: OpaquePointer

    /// Nil if there is no memory for it.
    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogLimit)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Starts a new stream; an unfinished one is discarded.
    func start() { ZSTD_DCtx_reset(context, ZSTD_reset_session_only) }

    /// See `InflateStream.step`.
    func step(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> (InflateStream.Outcome, Int) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        input = UnsafeRawBufferPointer(rebasing: input[source.pos...])
        guard ZSTD_isError(result) == 0 else {
            return (.damaged(ZSTD_getErrorName(result).map { String(cString: $0) } ?? "unknown"), target.pos)
        }
        return (result == 0 ? .ended : .goesOn, target.pos)
    }
}
