internal import Exposition
internal import NIOCore
internal import Server
internal import Synchronization

/// Hands an exposition to the server piece by piece.
final class ExpositionStream: ResponseStream {
    private let exposition: Mutex<FormattedExposition>
    private let started: ContinuousClock.Instant
    private let observer: any ScrapeObserver

    init(_ exposition: FormattedExposition, started: ContinuousClock.Instant, observer: any ScrapeObserver) {
        self.exposition = Mutex(exposition)
        self.started = started
        self.observer = observer
    }

    func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) {
        let written = exposition.withLock { exposition in
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: targetBytes) { exposition.write(into: $0) }
        }
        if written == 0 { observer.scraped(in: ContinuousClock.now - started) }
    }
}
