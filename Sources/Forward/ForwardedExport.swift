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
