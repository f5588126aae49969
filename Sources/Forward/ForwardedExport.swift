package import NIOCore
package import OTLP

/// One export that is to be passed on as it came.
package struct ForwardedExport: Sendable {
    package var signal: Signal
    package var encoding: WireEncoding
    /// Data points, log records or spans in it.
    package var records: Int
    /// Content coding undone.
    package var body: ByteBuffer

    package init(signal: Signal, encoding: WireEncoding, records: Int, body: ByteBuffer) {
        self.signal = signal
        self.encoding = encoding
        self.records = records
        self.body = body
    }
}

/// An export that is in a queue.
package struct QueuedExport: Sendable {
    /// Its place in the queue; never used twice by one process.
    package let number: UInt64
    package let export: ForwardedExport
}

extension ForwardedExport {
    /// The body as protobuf, whatever it came as; without what protobuf cannot hold (docs/decisions/0019).
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

    /// The body as one line of JSON, whatever it came as.
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
}
