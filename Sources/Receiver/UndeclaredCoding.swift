internal import NIOCore
internal import OTLP

/// A body that is compressed without a Content-Encoding.
enum UndeclaredCoding {
    /// The name of the coding; nil if the body looks like an export.
    static func name(of body: ByteBuffer, as encoding: WireEncoding) -> String? {
        let first = body.readableBytesView.prefix(4)
        // No protobuf field has this type, and no JSON begins like this.
        if first.starts(with: [0x1F, 0x8B]) { return "gzip" }
        // No export begins with such a field.
        if first.elementsEqual([0x28, 0xB5, 0x2F, 0xFD]) { return "zstd" }
        return encoding == .json && first.first == 0x78 ? "zlib" : nil
    }

    /// Whether a body begins like a JSON object. No field of OTLP's messages begins with this brace; white space before
    /// it is not skipped, since 0x0A is the first byte of every export in protobuf.
    static func isJSON(_ body: ByteBuffer) -> Bool { body.readableBytesView.first == UInt8(ascii: "{") }
}
