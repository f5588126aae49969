package import Exposition
package import NIOCore
package import NIOHTTP1
internal import OTLP
package import Series
package import Server
package import Settings

/// `/metrics`: the response to a scrape.
///
///     request head -> ScrapeNegotiation -> format
///     stores, own metrics -> SeriesSnapshot -> FormattedExposition -> pieces, as fast as the reader reads, once all
///                                                                     that it shows survives a power failure
package final class ScrapeService: HTTPService {
    private static let path = "/metrics"

    private let page: any MetricsPage
    private let negotiation: ScrapeNegotiation
    private let settings: ExpositionSettings
    private let state: StateDirectory?
    private let limits: PageLimits
    private let readers: PageReaders
    private let observer: any ScrapeObserver

    /// - Parameter state: nil if nothing on the page has to survive a restart.
    package init(
        page: any MetricsPage, negotiation: ScrapeNegotiation = ScrapeNegotiation(),
        settings: ExpositionSettings = ExpositionSettings(), state: StateDirectory? = nil,
        limits: PageLimits = PageLimits(), observer: any ScrapeObserver
    ) {
        self.page = page
        self.negotiation = negotiation
        self.settings = settings
        self.state = state
        self.limits = limits
        readers = PageReaders(limits)
        self.observer = observer
    }

    /// See `HTTPService`.
    package func admit(_ head: HTTPRequestHead) -> Admission {
        guard RequestTarget(head.uri).path == Self.path else {
            return .refuse(.plain(.notFound, "not found; metrics are at \(Self.path)", refused: .notFound))
        }
        guard case .exposition = answer(to: head) else { return .refuse(Self.wrongMethod) }
        // A GET may have a body, which is ignored.
        return .accept(bodyLimit: 64 << 10)
    }

    /// See `HTTPService`.
    package func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        guard case .exposition(let negotiated) = answer(to: request.head) else {
            return .now(Self.wrongMethod)
        }
        // Its response has no body: it needs no page, and counts as no scrape.
        if request.head.method == .HEAD { return .now(response(negotiated, UnreadPage())) }
        let scrape = PrometheusScrape(request)
        let reader = Reader(isPrometheus: scrape != nil, source: request.source, life: request.life)
        if let seat = seat(for: reader) {
            return sendPage(negotiated, for: scrape, at: seat, on: eventLoop)
        }
        guard let wait = readers.beginWait() else { return .now(Self.crowded) }
        return Answer<Seat?>.later(seat(for: reader, wait, on: eventLoop)).flatMap { seat in
            seat.map { self.sendPage(negotiated, for: scrape, at: $0, on: eventLoop) } ?? .now(Self.crowded)
        }
    }

    private struct Reader: Sendable {
        let isPrometheus: Bool
        let source: ConnectionSource?
        let life: ConnectionLife
    }

    /// The body of a response to HEAD.
    private final class UnreadPage: ResponseStream {
        func begin(abort: @escaping @Sendable () -> Void) {}
        func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool { true }
    }

    private func response(_ negotiated: ScrapeResponse, _ page: any ResponseStream) -> HTTPResponse {
        let headers = HTTPHeaders(negotiated.headers.map { ($0.name, $0.value) })
        return HTTPResponse(status: .ok, headers: headers, body: .stream(page), compressible: true)
    }

    /// A reader's place, and the size of the page that it was taken for.
    private struct Seat: Sendable {
        let place: PageReaders.Place
        let size: PageSize
        let life: ConnectionLife
        /// False once another reader has the place, or the connection is closed.
        var isHeld: Bool { !life.isOver && place.isHeld }
    }

    /// Nil if there is no place now.
    private func seat(for reader: Reader) -> Seat? {
        let size = page.size
        let place = readers.enter(
            isPrometheus: reader.isPrometheus, from: reader.source, bytes: size.snapshotBytes)
        return place.map { Seat(place: $0, size: size, life: reader.life) }
    }

    /// Sends the page in its current state, for a reader that has a place.
    private func sendPage(
        _ negotiated: ScrapeResponse, for scrape: PrometheusScrape?, at seat: Seat, on eventLoop: any EventLoop
    ) -> HTTPAnswer {
        exposition(of: page.snapshot(for: scrape), as: negotiated, for: seat, on: eventLoop).flatMap { exposition in
            let stream = ExpositionStream(
                exposition, place: seat.place, timeLimit: self.limits.pageTimeout, observer: self.observer)
            let response = self.response(negotiated, stream)
            guard let state = self.state else { return .now(response) }
            return .later(state.whenDurable(on: eventLoop).map { response }.recover { _ in Self.notDurable })
        }
    }

    /// The exposition of a snapshot, for a long page as a promise: what delays its first piece is done outside the
    /// event loop.
    private func exposition(
        of snapshot: SeriesSnapshot, as negotiated: ScrapeResponse, for seat: Seat, on eventLoop: any EventLoop
    ) -> Answer<FormattedExposition> {
        let make = { @Sendable [page, settings] in
            FormattedExposition(page.addTargets(to: snapshot), as: negotiated, settings: settings)
        }
        guard seat.size.textBytes > LongWork.pageBytes else { return .now(make()) }
        return .later(
            LongWork.run(on: eventLoop, in: seat.place.isPrometheus ? .prometheusPages : .otherPages) {
                var exposition = make()
                if seat.isHeld { exposition.prepare() }
                return exposition
            })
    }

    /// How often a waiting reader tries to get a place. 20 ms.
    private static let waitStep = TimeAmount.milliseconds(20)

    /// A place as soon as there is one; nil when the waiting time is over.
    private func seat(
        for reader: Reader, _ wait: PageReaders.Wait, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Seat?> {
        eventLoop.scheduleTask(in: Self.waitStep) {}.futureResult.flatMap {
            let seat = self.seat(for: reader)
            if seat != nil || wait.isOver() { return eventLoop.makeSucceededFuture(seat) }
            return self.seat(for: reader, wait, on: eventLoop)
        }
    }

    /// See `HTTPService`.
    package func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        Self.plainRefusal(refusal)
    }

    /// A refusal as plain text, for services without their own format.
    package static func plainRefusal(_ refusal: ServerRefusal) -> HTTPResponse {
        let (status, text): (HTTPResponseStatus, String) =
            switch refusal {
            case .badRequest(let text): (.badRequest, text)
            case .unauthenticated(let text): (.unauthorized, text)
            case .overloaded: (.serviceUnavailable, ServerRefusal.overloadedText)
            case .noRoomForBody: (.serviceUnavailable, ServerRefusal.noRoomText)
            case .inflatesTooFar(let ratio): (.payloadTooLarge, ServerRefusal.inflateText(ratio: ratio))
            case .timeout: (.requestTimeout, "the request did not arrive in time")
            case .bodyTooLarge(let limit): (.payloadTooLarge, "the body is larger than \(limit) bytes")
            case .unsupportedContentCoding(let name):
                (.unsupportedMediaType, "content coding \(ResponseText.bounded(name, bytes: 100)) is not supported")
            case .headTooLarge: (.requestHeaderFieldsTooLarge, "the request head is too large")
            case .internalError: (.internalServerError, "internal error")
            }
        return .plain(status, text, refused: refusal.reason)
    }

    private static let wrongMethod: HTTPResponse = {
        var response = HTTPResponse.plain(.methodNotAllowed, "use GET or HEAD", refused: .wrongMethod)
        response.headers.add(name: "Allow", value: ScrapeAnswer.allowedMethods)
        return response
    }()

    private static let crowded: HTTPResponse = {
        var response = HTTPResponse.plain(
            .serviceUnavailable,
            "too many readers of this page (odometer.limits.max_page_readers, or memory); try again",
            refused: .overloaded)
        response.headers.add(name: "Retry-After", value: "1")
        return response
    }()

    /// A counter that was shown and then lost in a power failure would fall. The log says what is wrong with the disk;
    /// this ends with the checkpoint that follows a failed sync, as soon as the disk works.
    private static let notDurable: HTTPResponse = {
        var response = HTTPResponse.plain(
            .serviceUnavailable, "the state directory cannot be synced to disk; see the log")
        response.headers.add(name: "Retry-After", value: "5")
        return response
    }()

    private func answer(to head: HTTPRequestHead) -> ScrapeAnswer {
        negotiation.answer(method: head.method.rawValue, accept: head.headers["Accept"])
    }
}

/// The content of one page.
package protocol MetricsPage: Sendable {
    var size: PageSize { get }

    /// All families to show now, sorted by name, each name once, and the targets for `addTargets`.
    /// - Parameter scrape: nil if the reader is not Prometheus.
    func snapshot(for scrape: PrometheusScrape?) -> SeriesSnapshot

    /// The snapshot with its targets as `target_info`. Slow with many targets; may be called on any thread.
    func addTargets(to snapshot: SeriesSnapshot) -> SeriesSnapshot
}

extension MetricsPage {
    /// A page without targets.
    package func addTargets(to snapshot: SeriesSnapshot) -> SeriesSnapshot { snapshot }
}

/// Upper bounds of the size of a page.
package struct PageSize: Sendable {
    /// In the text format, bytes.
    var textBytes = 0
    /// Memory of its snapshot besides shared data, bytes.
    var snapshotBytes = 0

    /// Of a page that does not grow.
    package init() {}
}

extension PageSize {
    /// Of the series that there are.
    package init(_ counts: SeriesCounts) {
        self.init()
        textBytes = counts.pageBytes
        snapshotBytes = counts.snapshotBytes
    }
}

/// Receives the durations of scrapes.
package protocol ScrapeObserver: Sendable {
    /// A page was sent completely.
    func scraped(in duration: Duration)

    /// A reader did not read the page, and was disconnected.
    func cutReader()
}

extension HTTPResponse {
    /// A short plain-text response.
    /// - Parameters:
    ///   - text: a line without its end.
    ///   - reason: the reason reported to the server's observer; nil: none.
    package static func plain(_ status: HTTPResponseStatus, _ text: String, refused reason: RefusalReason? = nil)
        -> HTTPResponse
    {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text + "\n")), refusal: reason.map { Refusal($0, text) })
    }
}
