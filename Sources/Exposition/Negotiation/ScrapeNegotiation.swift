/// Decides how a scrape is answered from what its request head says. Pure.
package struct ScrapeNegotiation: Sendable {
    /// The formats on offer, text 0.0.4 always among them.
    package let formats: [ExpositionFormat]

    /// - Parameter offersOpenMetrics: whether a scraper that asks for OpenMetrics gets it (R-NEG-08). Text and protobuf
    ///   are always on offer.
    package init(offersOpenMetrics: Bool = false) {
        formats = offersOpenMetrics ? ExpositionFormat.allCases : [.text004, .protobuf]
    }

    /// The answer to a request.
    /// - Parameters:
    ///   - method: as in the request line.
    ///   - accept: the values of all Accept header lines, in order. Anything may stand in them.
    package func answer(method: String, accept: [String]) -> ScrapeAnswer {
        guard method == "GET" || method == "HEAD" else { return .methodNotAllowed }
        let (format, escaping) = format(accept: accept)
        return .exposition(ScrapeResponse(format: format, escaping: escaping, hasBody: method == "GET"))
    }

    /// The format on offer that the scraper wants most, and text 0.0.4 when it wants none of them (R-NEG-01); of two that
    /// it wants equally the one named first. The escaping is that of the same entry, and when nothing on offer was named,
    /// that of the first entry with one; one that is missing or unknown is `underscores` (R-NEG-04, R-NEG-05).
    private func format(accept: [String]) -> (format: ExpositionFormat, escaping: NameEscaping) {
        var best: (format: ExpositionFormat, entry: AcceptEntry)?
        let entries = AcceptEntry.entries(in: accept)
        for entry in entries where entry.quality > best?.entry.quality ?? 0 {
            if let format = formats.first(where: { $0.isMeant(by: entry) }) { best = (format, entry) }
        }
        if let best { return (best.format, best.entry.escaping ?? .underscores) }
        let escaping = entries.lazy.filter { $0.quality > 0 }.compactMap(\.escaping).first
        return (.text004, escaping ?? .underscores)
    }
}

extension AcceptEntry {
    /// nil when it names none, or none that is known.
    fileprivate var escaping: NameEscaping? { parameter("escaping").flatMap(NameEscaping.init) }
}

/// What a scrape is answered with.
package enum ScrapeAnswer: Equatable, Sendable {
    /// 200 with the exposition.
    case exposition(ScrapeResponse)
    /// 405 (R-NEG-10), with `ScrapeAnswer.allowedMethods` as its Allow header.
    case methodNotAllowed

    package static let allowedMethods = "GET, HEAD"
}

/// The head of a successful answer to a scrape.
package struct ScrapeResponse: Equatable, Sendable {
    package var format: ExpositionFormat
    /// What becomes of names that older readers do not take.
    package var escaping: NameEscaping
    /// False for HEAD.
    package var hasBody: Bool

    package init(format: ExpositionFormat, escaping: NameEscaping = .underscores, hasBody: Bool) {
        self.format = format
        self.escaping = escaping
        self.hasBody = hasBody
    }

    /// The headers that depend on the negotiation (R-NEG-06). Whether the body goes with gzip is the server's to find out
    /// and to tell, in `Vary` as well (R-NEG-09).
    package var headers: [(name: String, value: String)] {
        [("Content-Type", format.contentType(escaping: escaping)), ("Vary", "Accept")]
    }
}
