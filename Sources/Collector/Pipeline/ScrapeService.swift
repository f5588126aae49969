internal import Exposition
internal import NIOCore
internal import NIOHTTP1
internal import Series
internal import Server

/// `/metrics`: what a scrape gets.
///
///     request head -> ScrapeNegotiation -> format
///     stores, own metrics -> SeriesSnapshot -> FormattedExposition -> pieces at the reader's pace, once all that it
///                                                                     shows survives a power cut
final class ScrapeService: HTTPService {
    private static let path = "/metrics"

    private let page: any MetricsPage
    private let negotiation: ScrapeNegotiation
    private let settings: ExpositionSettings
    private let state: StateDirectory?
    private let observer: any ScrapeObserver

    /// - Parameter state: nil when the page shows nothing that has to survive.
    init(
        page: any MetricsPage, negotiation: ScrapeNegotiation = ScrapeNegotiation(),
        settings: ExpositionSettings = ExpositionSettings(), state: StateDirectory? = nil,
        observer: any ScrapeObserver
    ) {
        self.page = page
        self.negotiation = negotiation
        self.settings = settings
        self.state = state
        self.observer = observer
    }

    func admit(_ head: HTTPRequestHead) -> Admission {
        guard head.uri == Self.path || head.uri.hasPrefix(Self.path + "?") else {
            return .refuse(.plain(.notFound, "not found; metrics are at \(Self.path)\n"))
        }
        guard case .exposition = answer(to: head) else {
            var response = HTTPResponse.plain(.methodNotAllowed, "use GET or HEAD\n")
            response.headers.add(name: "Allow", value: ScrapeAnswer.allowedMethods)
            return .refuse(response)
        }
        // A GET may carry a body, which means nothing here.
        return .accept(bodyLimit: 64 << 10)
    }

    func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        guard case .exposition(let negotiated) = answer(to: request.head) else {
            return .now(.plain(.methodNotAllowed, "use GET or HEAD\n"))
        }
        let started = ContinuousClock.now
        let exposition = FormattedExposition(
            page.snapshot(for: PrometheusScrape(request)), as: negotiated, settings: settings)
        let stream = ExpositionStream(exposition, started: started, observer: observer)
        let headers = HTTPHeaders(negotiated.headers.map { ($0.name, $0.value) })
        let response = HTTPResponse(status: .ok, headers: headers, body: .stream(stream), compressible: true)
        guard let state else { return .now(response) }
        return .later(state.whenDurable(on: eventLoop).map { response }.recover { _ in Self.notDurable })
    }

    func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        Self.plainRefusal(refusal)
    }

    /// A refusal in words, for services without a format of their own.
    static func plainRefusal(_ refusal: ServerRefusal) -> HTTPResponse {
        switch refusal {
        case .badRequest(let reason): .plain(.badRequest, reason + "\n")
        case .unauthenticated(let reason): .plain(.unauthorized, reason + "\n")
        case .overloaded: .plain(.serviceUnavailable, ServerRefusal.overloadedText + "\n")
        case .timeout: .plain(.requestTimeout, "the request did not arrive in time\n")
        case .bodyTooLarge(let limit): .plain(.payloadTooLarge, "the body is larger than \(limit) bytes\n")
        case .unsupportedContentCoding(let coding):
            .plain(.unsupportedMediaType, "content coding \(coding) is not supported\n")
        case .headTooLarge: .plain(.requestHeaderFieldsTooLarge, "the request head is too large\n")
        case .internalError: .plain(.internalServerError, "internal error\n")
        }
    }

    /// A counter that was shown and then lost in a power cut would fall. The log says what is wrong with the disk; the
    /// checkpoint that follows a failed sync ends this as soon as the disk takes it.
    private static let notDurable: HTTPResponse = {
        var response = HTTPResponse.plain(
            .serviceUnavailable, "the disk of the state directory does not keep what would be shown; see the log\n")
        response.headers.add(name: "Retry-After", value: "5")
        return response
    }()

    private func answer(to head: HTTPRequestHead) -> ScrapeAnswer {
        negotiation.answer(method: head.method.rawValue, accept: head.headers["Accept"])
    }
}

/// What one page shows.
protocol MetricsPage: Sendable {
    /// All families to show now, sorted by name, each name once.
    /// - Parameter scrape: nil when the reader is not Prometheus.
    func snapshot(for scrape: PrometheusScrape?) -> SeriesSnapshot
}

/// Who wants to know how long scrapes take.
protocol ScrapeObserver: Sendable {
    /// A scrape has been written whole.
    func scraped(in duration: Duration)
}

extension HTTPResponse {
    /// A short answer in plain text.
    static func plain(_ status: HTTPResponseStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text)))
    }
}
