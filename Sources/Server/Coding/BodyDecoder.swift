/// The decompressor of a content coding: zlib for gzip, zlib and deflate, libzstd for zstd.
enum BodyDecoder {
    case zlib(InflateStream)
    case zstd(ZstdStream)

    func step(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> (InflateStream.Outcome, Int) {
        switch self {
        case .zlib(let stream): stream.step(&input, into: room)
        case .zstd(let stream): stream.step(&input, into: room)
        }
    }
}
