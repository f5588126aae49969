/// Decides the response to a scrape from its request head. Pure.
package struct ScrapeNegotiation: Sendable {
    /// The offered formats; text 0.0.4 is always one.
    package let formats: [ExpositionFormat]

    /// - Parameter offersOpenMetrics: whether OpenMetrics is offered (R-NEG-08). Text and protobuf always are.
    package init(offersOpenMetrics: Bool = false) {
        formats = offersOpenMetrics ? ExpositionFormat.allCases : [.text004, .protobuf]
    }

    /// The response to a request.
    /// - Parameters:
    ///   - method: as in the request line.
    ///   - accept: the values of all Accept header lines, in order, not validated.
    package func answer(method: String, accept: [String]) -> ScrapeAnswer {
        guard method == "GET" || method == "HEAD" else { return .methodNotAllowed }
        let (format, escaping) = format(accept: accept)
        return .exposition(ScrapeResponse(format: format, escaping: escaping, hasBody: method == "GET"))
    }

    /// The offered format that the scraper prefers, or text 0.0.4 if it accepts none (R-NEG-01); of two with equal
    /// preference the first one. The escaping is that of the same entry, or, if no offered format was named, that of
    /// the first entry with one; a missing or unknown one is `underscores` (R-NEG-04, R-NEG-05).
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
    /// Nil if it has none, or an unknown one.
    fileprivate var escaping: NameEscaping? { parameter("escaping").flatMap(NameEscaping.init) }
}

/// The response to a scrape.
package enum ScrapeAnswer: Equatable, Sendable {
    /// 200 with the exposition.
    case exposition(ScrapeResponse)
    /// 405 (R-NEG-10), with `ScrapeAnswer.allowedMethods` as its Allow header.
    case methodNotAllowed

    package static let allowedMethods = "GET, HEAD"
}

/// The head of a successful response to a scrape.
package struct ScrapeResponse: Equatable, Sendable {
    package var format: ExpositionFormat
    /// The escaping of names that older readers do not accept.
    package var escaping: NameEscaping
    /// False for HEAD.
    package var hasBody: Bool

    package init(format: ExpositionFormat, escaping: NameEscaping = .underscores, hasBody: Bool) {
        self.format = format
        self.escaping = escaping
        self.hasBody = hasBody
    }

    /// The headers that depend on the negotiation (R-NEG-06). The server decides about gzip and sets its headers,
    /// `Vary` included (R-NEG-09).
    package var headers: [(name: String, value: String)] {
        [("Content-Type", format.contentType(escaping: escaping)), ("Vary", "Accept")]
    }
}
