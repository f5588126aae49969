/// Decides how a scrape is answered from what its request head says. Pure.
package struct ScrapeNegotiation: Sendable {
    /// The formats on offer, text 0.0.4 always among them.
    package let formats: [ExpositionFormat]

    /// - Parameter formats: of two that a scraper wants equally, the one it names first is taken, and for a wildcard
    ///   the one that stands first here; text 0.0.4 is added when it is missing.
    package init(formats: [ExpositionFormat] = []) {
        self.formats = formats.contains(.text004) ? formats : formats + [.text004]
    }

    /// The answer to a request.
    /// - Parameters:
    ///   - method: as in the request line.
    ///   - accept: the values of all Accept header lines, in order. Anything may stand in them.
    ///   - acceptEncoding: likewise for Accept-Encoding.
    package func answer(method: String, accept: [String], acceptEncoding: [String]) -> ScrapeAnswer {
        guard method == "GET" || method == "HEAD" else { return .methodNotAllowed }
        return .exposition(
            ScrapeResponse(
                format: format(accept: accept),
                usesGzip: Self.usesGzip(acceptEncoding: acceptEncoding),
                hasBody: method == "GET"))
    }

    /// The format on offer that the scraper wants most; text 0.0.4 when it wants none of them (R-NEG-01).
    private func format(accept: [String]) -> ExpositionFormat {
        var best: (format: ExpositionFormat, quality: Int)?
        for entry in AcceptEntry.entries(in: accept) where entry.quality > best?.quality ?? 0 {
            if let format = formats.first(where: { $0.isMeant(by: entry) }) { best = (format, entry.quality) }
        }
        return best?.format ?? .text004
    }

    /// Whether gzip is acceptable, by name or by `*`, and not less welcome than no coding at all (R-NEG-09).
    private static func usesGzip(acceptEncoding: [String]) -> Bool {
        var gzip: Int?
        var wildcard: Int?
        var identity: Int?
        for entry in AcceptEntry.entries(in: acceptEncoding) {
            switch entry.value {
            case "gzip", "x-gzip": gzip = gzip ?? entry.quality
            case "identity": identity = identity ?? entry.quality
            case "*": wildcard = wildcard ?? entry.quality
            default: break
            }
        }
        let quality = gzip ?? wildcard ?? 0
        return quality > 0 && quality >= identity ?? 0
    }
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
    /// Whether the scraper wants the body with gzip. The coding and its header are the server's to add.
    package var usesGzip: Bool
    /// False for HEAD.
    package var hasBody: Bool

    package init(format: ExpositionFormat, usesGzip: Bool, hasBody: Bool) {
        self.format = format
        self.usesGzip = usesGzip
        self.hasBody = hasBody
    }

    /// The headers that depend on the negotiation (R-NEG-06, R-NEG-09).
    package var headers: [(name: String, value: String)] {
        [("Content-Type", format.contentType), ("Vary", "Accept, Accept-Encoding")]
    }
}
