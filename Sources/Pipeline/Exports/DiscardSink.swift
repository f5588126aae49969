package import NIOCore
package import OTLP
package import Receiver
internal import Server

/// Accepts and discards exports, with a warning to the sender: clients that cannot turn a signal off must not fail. It
/// only checks that the body is not of another signal.
package struct DiscardSink: ExportSink {
    private let signal: OTLP.Signal
    private let observer: any IngestObserver
    private let answer: IngestAnswer

    /// For one signal; `observer` receives what is refused.
    package init(of signal: OTLP.Signal, observer: any IngestObserver) {
        self.signal = signal
        self.observer = observer
        let message = "\(signal.rawValue) are not forwarded: this collector accepts and discards them"
        answer = .now(.success(PartialSuccess(message: message)))
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        let refusal = body.withUnsafeReadableBytes { OtherSignal.refusal(of: $0, sentAs: signal, encoding) }
        guard let refusal else { return answer }
        observer.refusedExport(refusal)
        return .now(.failure(IngestFailure(refusal)))
    }
}
