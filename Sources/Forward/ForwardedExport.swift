package import NIOCore
package import OTLP
internal import Settings

/// One export to be forwarded as received.
package struct ForwardedExport: Sendable {
    package var signal: Signal
    package var encoding: WireEncoding
    /// Data points, log records or spans in it.
    package var records: Int
    /// Decompressed.
    package var body: ByteBuffer

    package init(signal: Signal, encoding: WireEncoding, records: Int, body: ByteBuffer) {
        self.signal = signal
        self.encoding = encoding
        self.records = records
        self.body = body
    }
}

/// An export in a queue.
package struct QueuedExport: Sendable {
    /// Its place in the queue; never used twice by one process.
    package let number: UInt64
    package let export: ForwardedExport
}

extension ForwardedExport {
    /// The body as protobuf, converted if necessary; without what protobuf cannot hold (docs/decisions/0019).
    /// - Throws: when it is malformed.
    package func protobufBody() throws(DecodingFailure) -> ByteBuffer {
        switch encoding {
        case .protobuf: return body
        case .json:
            let converted = body.withUnsafeReadableBytes { text in
                Result { () throws(DecodingFailure) in
                    try ExportTranscoding.protobuf(ofJSON: text, signal: signal, limits: DecodingLimits()).body
                }
            }
            return ByteBuffer(bytes: try converted.get())
        }
    }

    /// The body as one line of JSON, converted if necessary.
    /// - Throws: when it is malformed.
    package func jsonBody() throws(DecodingFailure) -> ByteBuffer {
        let protobuf = try protobufBody()
        let converted = protobuf.withUnsafeReadableBytes { message in
            Result { () throws(DecodingFailure) in
                try ExportTranscoding.json(ofProtobuf: message, signal: signal, limits: DecodingLimits())
            }
        }
        return ByteBuffer(bytes: try converted.get())
    }

    /// The export split in two, each with half of the records, in the same encoding; nil if there is only one record,
    /// or the export cannot be decoded.
    func halves() -> [ForwardedExport]? {
        guard records > 1 else { return nil }
        do throws(DecodingFailure) {
            let message = try protobufBody()
            let middle = records / 2
            let halves = [try part(of: message, 0..<middle), try part(of: message, middle..<Int.max)]
            return halves.contains { $0.records == 0 } ? nil : halves
        } catch {
            return nil
        }
    }

    /// The records at these positions.
    private func part(of message: ByteBuffer, _ positions: Range<Int>) throws(DecodingFailure) -> ForwardedExport {
        let result = message.withUnsafeReadableBytes { bytes in
            Result { () throws(DecodingFailure) in
                try RecordRemoval.records(at: positions, of: bytes, signal, limits: DecodingLimits())
            }
        }
        let (body, records) = try result.get()
        var part = ForwardedExport(signal: signal, encoding: .protobuf, records: records, body: ByteBuffer(bytes: body))
        if encoding == .json {
            part.body = try part.jsonBody()
            part.encoding = .json
        }
        return part
    }
}
