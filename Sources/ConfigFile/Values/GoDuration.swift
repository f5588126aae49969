/// Durations in Go's format, as in the Collector: `5m`, `1h30m`, `1.5s`, `250ms`, `0`.
enum GoDuration {
    /// Nanoseconds of each unit.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Nil if the text is not a duration or is longer than 292 years. A sign is allowed; only `0` needs no unit.
    static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") {
            rest = rest.dropFirst()
        }
        if rest.elementsEqual("0".utf8) {
            return .zero
        }
        guard !rest.isEmpty else {
            return nil
        }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else {
                return nil
            }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else {
                return nil
            }
            total = sum
        }
        return .nanoseconds(isNegative ? -total : total)
    }

    /// Takes `1.5h` off the front.
    private static func takePart(_ rest: inout Substring.UTF8View) -> Int64? {
        let whole = takeDigits(&rest)
        var fraction: Substring.UTF8View?
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || !(fraction?.isEmpty ?? true) else {
            return nil
        }
        let name = Substring(rest.prefix { $0 != UInt8(ascii: ".") && !isDigit($0) })
        guard let unit = units.first(where: { $0.name == name })?.nanoseconds else {
            return nil
        }
        rest = rest.dropFirst(name.utf8.count)
        guard let count = whole.isEmpty ? 0 : Int64(Substring(whole)) else {
            return nil
        }
        let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        // Digits beyond the fifteenth are below a nanosecond for every unit.
        let digits = Substring((fraction ?? rest.prefix(0)).prefix(15))
        let partial = digits.isEmpty ? 0 : (Double("0.\(digits)") ?? 0) * Double(unit)
        let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(Int64(partial.rounded()))
        return overflow || sumOverflow ? nil : sum
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = rest.prefix(while: isDigit)
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension Duration {
    /// The duration as a configuration would write it: `5m`, `1h30m`, `0s`.
    package var configText: String {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else {
            return "-\((.zero - self).configText)"
        }
        var text = ""
        if seconds >= 3600 {
            text += "\(seconds / 3600)h"
        }
        if seconds % 3600 >= 60 {
            text += "\(seconds % 3600 / 60)m"
        }
        if seconds % 60 > 0 {
            text += "\(seconds % 60)s"
        }
        for (unit, length) in [("ms", Int64(1_000_000_000_000_000)), ("us", 1_000_000_000_000), ("ns", 1_000_000_000)] {
            let count = attoseconds / length % 1000
            if count > 0 {
                text += "\(count)\(unit)"
            }
        }
        return text.isEmpty ? "0s" : text
    }
}
