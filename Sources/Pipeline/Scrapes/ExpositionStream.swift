internal import Exposition
internal import NIOCore
internal import Server
internal import Synchronization

/// Hands an exposition to the server piece by piece.
final class ExpositionStream: ResponseStream {
    private let exposition: Mutex<FormattedExposition>
    private let place: PageReaders.Place
    /// Scrapes of Prometheus have priority over all other readers.
    let goesFirst: Bool
    private let started: ContinuousClock.Instant
    private let deadline: ContinuousClock.Instant
    private let observer: any ScrapeObserver

    /// - Parameters:
    ///   - place: the reader's, held as long as this stream exists.
    ///   - timeLimit: how long reading the page may take.
    init(
        _ exposition: FormattedExposition, place: PageReaders.Place, timeLimit: Duration, observer: any ScrapeObserver
    ) {
        self.exposition = Mutex(exposition)
        self.place = place
        goesFirst = place.isPrometheus
        started = place.entered
        deadline = started + timeLimit
        self.observer = observer
    }

    func begin(abort: @escaping @Sendable () -> Void) {
        place.begin { [observer] in
            observer.cutReader()
            abort()
        }
    }

    func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool {
        let now = ContinuousClock.now
        guard place.move(at: now) else { return false }
        guard now < deadline else {
            observer.cutReader()
            return false
        }
        let written = exposition.withLock { exposition in
            // Not more, however much room the buffer has: others wait for the piece.
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: targetBytes) { room in
                exposition.write(into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(targetBytes)))
            }
        }
        if written == 0 { observer.scraped(in: ContinuousClock.now - started) }
        return true
    }
}
