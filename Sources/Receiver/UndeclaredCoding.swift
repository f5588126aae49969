internal import NIOCore
internal import OTLP

/// A body that is coded although nothing says so.
enum UndeclaredCoding {
    /// The coding's name; nil when the body is none that can be told apart from an export.
    static func name(of body: ByteBuffer, as encoding: WireEncoding) -> String? {
        let first = body.readableBytesView.prefix(4)
        // No field of protobuf has this type, and no JSON begins so.
        if first.starts(with: [0x1F, 0x8B]) { return "gzip" }
        // No export begins with such a field.
        if first.elementsEqual([0x28, 0xB5, 0x2F, 0xFD]) { return "zstd" }
        return encoding == .json && first.first == 0x78 ? "zlib" : nil
    }

    /// Whether a body begins as an object of JSON does. No field of OTLP's messages begins with its brace; white space
    /// before it is not passed over, since 0x0A is the first byte of every export in protobuf.
    static func isJSON(_ body: ByteBuffer) -> Bool { body.readableBytesView.first == UInt8(ascii: "{") }
}
