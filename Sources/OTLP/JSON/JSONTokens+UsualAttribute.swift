extension JSONTokens {
    /// Skips a `KeyValue` that is written exactly as
    ///
    ///     {"key":"…","value":{"stringValue":"…"}}    or    {"key":"…","value":{"intValue":"…"}}
    ///
    /// with plain ASCII between the quotes, comparing eight bytes at a time. Most exporters send such text, and this
    /// takes less than half the time of `JSONScanner.skipValue`.
    /// - Returns: false, with nothing consumed, if it is written in any other way.
    @inline(__always)
    mutating func takeUsualAttribute() -> Bool {
        guard end - position >= 8, Self.word(position) == Self.word("{\"key\":\"") else {
            return false
        }
        guard var next = closingQuote(from: position + 8), end - next >= 26 else { return false }
        guard Self.word(next) == Self.word("\",\"value"), Self.word(next + 4) == Self.word("alue\":{\"") else {
            return false
        }
        next += 12
        if Self.word(next) == Self.word("stringVa"), Self.word(next + 6) == Self.word("Value\":\"") {
            next += 14
        } else if Self.word(next) == Self.word("intValue"), Self.word(next + 3) == Self.word("Value\":\"") {
            next += 11
        } else {
            return false
        }
        guard let quote = closingQuote(from: next), end - quote >= 3, quote[1] == UInt8(ascii: "}"),
            quote[2] == UInt8(ascii: "}")
        else { return false }
        position = quote + 3
        return true
    }

    /// The quote that ends a run of plain ASCII; nil if something else ends it, or if it is close to the end.
    @inline(__always)
    private func closingQuote(from start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        var next = start
        while end - next >= 8 {
            let stops = Self.stops(in: Self.word(next))
            guard stops == 0 else {
                next += stops.trailingZeroBitCount >> 3
                return next.pointee == UInt8(ascii: "\"") ? next : nil
            }
            next += 8
        }
        return nil
    }

    /// The first eight bytes of a literal of at least eight; folded to a constant when optimized.
    @inline(__always)
    private static func word(_ literal: StaticString) -> UInt64 { word(literal.utf8Start) }
}
