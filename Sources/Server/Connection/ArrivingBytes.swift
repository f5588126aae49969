internal import NIOCore

/// Stands before the HTTP/1.1 decoder and keeps the bytes being decoded, so that its errors can be explained: the
/// decoder's own messages are short.
final class ArrivingBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The latest bytes while they are decoded; otherwise nil, so that no connection keeps them.
    private(set) var bytes: ByteBuffer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes = unwrapInboundIn(data)
        context.fireChannelRead(data)
        bytes = nil
    }
}

/// Explains why the decoder refuses the framing of a request.
enum FramingFault {
    static let twoLengths = "Content-Length is given twice; expected one"
    static let lengthBesideChunks = "both Content-Length and Transfer-Encoding are given; expected one of them"
    static let twoCodings = "Transfer-Encoding is given twice; expected one, chunked"
    static let bareLineFeed = "a line ends with LF alone; HTTP/1.1 requires CR LF"
    static let bareCarriageReturn = "a line has CR without LF; HTTP/1.1 requires CR LF"

    /// The error found in the bytes, which may be a part of the head; nil: none that is known here.
    static func named(in bytes: ByteBuffer?) -> String? {
        guard let bytes else { return nil }
        var lengths = 0
        var codings = 0
        var ending: String?
        // The client may have sent several heads, one after the other.
        let lines = bytes.readableBytesView.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            // After the last LF there is only the beginning of a line.
            let isWhole = index + 1 < lines.count
            ending =
                line.dropLast().contains(0x0D) ? bareCarriageReturn : isWhole && line.last != 0x0D ? bareLineFeed : nil
            guard isWhole, ending == nil else { break }
            let name = line.prefix { $0 != 0x3A }
            if line.count == 1 {
                (lengths, codings) = (0, 0)
            } else if isName(name, "content-length") {
                lengths += 1
            } else if isName(name, "transfer-encoding") {
                codings += 1
            }
            if lengths > 0, codings > 0 { return lengthBesideChunks }
            if codings > 1 { return twoCodings }
            if lengths > 1 { return twoLengths }
        }
        return ending
    }

    private static func isName(_ bytes: ByteBufferView.SubSequence, _ name: StaticString) -> Bool {
        bytes.count == name.utf8CodeUnitCount
            && String(decoding: bytes, as: UTF8.self).equalsIgnoringASCIICase(name)
    }
}
