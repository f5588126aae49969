/// Interprets the message of a server beyond its status.
enum RefusalReading {
    /// Whether an export was refused for its size as a whole, so that one with fewer records may be taken.
    ///
    /// Matches messages of gRPC for Go, Java and Rust, Go's HTTP server, proxies, VictoriaMetrics and Odometer.
    static func isAboutSize(_ message: String) -> Bool {
        let text = message.lowercased()
        return sizeWords.contains { text.contains($0) } && !otherWords.contains { text.contains($0) }
            || isAboveRate(text)
    }

    /// Whether a request that is too large may be taken unchanged later, when there are fewer others.
    static func mayPass(_ message: String) -> Bool { isAboveRate(message.lowercased()) }

    private static let sizeWords = [
        "larger than max", "larger than the max", "larger than limit", "larger than the limit", "message too large",
        "message is too large", "message length too large", "message size exceed", "message exceeds", "body too large",
        "body is too large", "body exceeds", "body size exceed", "request too large", "request is too large",
        "request size too large", "request size exceed", "entity too large", "payload too large",
        "payload is too large", "payload size exceed", "content too large", "too big packed request",
        "too big unpacked request", "too big data size", "batch too large", "batch size exceed", "exceeds maximum size",
        "send smaller batches", "needs more memory than the limit",
    ]

    /// Words about single records, of which the others were stored.
    private static let otherWords = ["errors like:", "entry", "label", "metadata"]

    /// Whether a single export exceeds a rate limit in bytes per second, as Loki writes it: `(limit: 4194304 bytes/sec)
    /// while attempting to ingest '9000' lines totaling '5000000' bytes`.
    private static func isAboveRate(_ text: String) -> Bool {
        guard let limit = bytes(behind: "limit: ", in: text), let total = bytes(behind: "totaling ", in: text) else {
            return false
        }
        return total > limit
    }

    private static let units: [(name: String, size: Double)] = [
        ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824),
        ("kb", 1024), ("mb", 1_048_576), ("gb", 1_073_741_824), ("b", 1),
    ]

    private static func bytes(behind word: String, in text: String) -> Double? {
        guard let found = text.range(of: word) else { return nil }
        let rest = text[found...].dropFirst(word.count).drop { $0 == "'" || $0 == " " }
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(digits) else { return nil }
        let unit = rest[digits.endIndex...].drop { $0 == "'" || $0 == " " }
        guard let size = units.first(where: { unit.hasPrefix($0.name) })?.size else { return nil }
        return value * size
    }

    /// How much of an export was refused with 400 by a server that stores the rest.
    enum Part: Equatable {
        /// All of it, as far as the message says.
        case whole
        case records(Int)
        case unknown
    }

    /// - Parameter isCut: whether the end of the message is missing.
    static func part(_ message: String, isCut: Bool) -> Part {
        let counts = ServerMessage.reasons(in: message).compactMap { ServerMessage.errorCount(in: $0[...]) }
        if !counts.isEmpty { return isCut ? .unknown : .records(counts.reduce(0) { $0 &+ min($1, Int(Int32.max)) }) }
        let text = message.lowercased()
        return singleRecordWords.contains { text.contains($0) } ? .unknown : .whole
    }

    /// Loki's messages about a single record.
    private static let singleRecordWords = [
        "entry for stream", "max entry size", "entry too far behind", "timestamp too old", "timestamp too new",
        "has structured metadata too", "has too many structured metadata",
    ]

    /// Whether a 500 is temporary. OTLP allows no retry after 500, but Collectors before 0.97 answer it while their
    /// memory_limiter refuses or their queue is full, and they are common gateways.
    static func isPassing500(_ message: String) -> Bool {
        let text = message.lowercased()
        return ["high memory usage", "queue is full"].contains { text.contains($0) }
    }
}

extension String {
    /// Where a text begins in this one.
    fileprivate func range(of text: String) -> String.Index? {
        guard let first = text.utf8.first else { return nil }
        var start = startIndex
        while let index = utf8[start...].firstIndex(of: first) {
            if self[index...].hasPrefix(text) { return index }
            start = utf8.index(after: index)
        }
        return nil
    }
}
