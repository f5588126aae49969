internal import NIOCore
internal import OTLP
internal import Receiver
internal import Server

/// Takes exports that nobody wants and throws them away, with a warning to the sender: clients that cannot be told to
/// leave a signal out must not fail. Nothing of a body is looked at.
struct DiscardSink: ExportSink {
    private let answer: IngestAnswer

    init(of signal: Signal) {
        let message = "\(signal.rawValue) are not forwarded: this collector takes and discards them"
        answer = .now(.success(PartialSuccess(message: message)))
    }

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer { answer }
}
