internal import NIOCore

/// Stands before the decoder of HTTP/1.1 and shows what it is decoding at the moment, so that who hears of its errors can
/// say what is wrong: the decoder's own words are few.
final class ArrivingBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What has come last, while it is looked at; else nothing, so that no connection keeps it.
    private(set) var bytes: ByteBuffer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes = unwrapInboundIn(data)
        context.fireChannelRead(data)
        bytes = nil
    }
}

/// What is wrong with the framing of a request that the decoder refuses.
enum FramingFault {
    static let twoLengths = "Content-Length is given twice; a request has one"
    static let lengthBesideChunks = "Content-Length stands beside Transfer-Encoding; a request has one of them"
    static let twoCodings = "Transfer-Encoding is given twice; a request has one, and it is chunked"
    static let bareLineFeed = "a line ends with LF alone; those of HTTP/1.1 end with CR LF"
    static let bareCarriageReturn = "CR stands alone in a line or at its end; lines of HTTP/1.1 end with CR LF"

    /// What the bytes show, which may be a part of the head; nil: nothing of what is known here.
    static func named(in bytes: ByteBuffer?) -> String? {
        guard let bytes else { return nil }
        var lengths = 0
        var codings = 0
        var ending: String?
        // A head after the other, as the client may have sent several.
        let lines = bytes.readableBytesView.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            // Behind the last LF a line has only begun.
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
