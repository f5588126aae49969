import CZlib

/// `bytes` in a format that zlib names by its window bits: 31 gzip, 15 zlib, -15 raw deflate.
///
/// - Parameter flush: ends the stream, or with `Z_FULL_FLUSH` leaves output that can be repeated.
func compressed(_ bytes: [UInt8], windowBits: Int32, level: Int32 = 6, flush: Int32 = Z_FINISH) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
        &stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
    let capacity = output.count
    let left = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            deflate(&stream, flush)
            return Int(stream.avail_out)
        }
    }
    return Array(output[..<(capacity - left)])
}

/// The content of a gzip body of exactly one member; nil for others.
func gunzipped(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { inflateEnd(&stream) }
    var input = bytes
    var result: [UInt8] = []
    var output = [UInt8](repeating: 0, count: 1 << 16)
    return input.withUnsafeMutableBufferPointer { input -> [UInt8]? in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        while true {
            let (code, made) = output.withUnsafeMutableBufferPointer { output in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let code = inflate(&stream, Z_NO_FLUSH)
                return (code, output.count - Int(stream.avail_out))
            }
            result += output[..<made]
            if code == Z_STREAM_END { return stream.avail_in == 0 ? result : nil }
            if code != Z_OK { return nil }
        }
    }
}

/// The first part of a gzip stream of zeros: about a thousandth of `count` bytes, which is a multiple of 1 MiB.
func bomb(inflatingTo count: Int) -> [UInt8] {
    let block = compressed([UInt8](repeating: 0, count: 1 << 20), windowBits: -15, level: 9, flush: Z_FULL_FLUSH)
    var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    for _ in 0..<(count >> 20) { bytes += block }
    return bytes
}
