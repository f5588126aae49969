/// The suffixes of a unit in a family name: `By/s` gives `bytes` and `per_second` (R-NAME-05..08).
struct UnitSuffixes: Equatable {
    /// Name characters and single underscores, not starting with one; may end with one, as in the Collector. Any
    /// characters if names keep UTF-8.
    private(set) var main: [UInt8] = []
    /// `per_` and the name of a unit, not ending with an underscore; or empty.
    private(set) var per: [UInt8] = []

    var isEmpty: Bool { main.isEmpty && per.isEmpty }

    /// Both parts as in a name.
    var joined: [UInt8] { Self.joined(main: main, per: per) }

    /// - Parameter unit: as in the metric, UTF-8 (UCUM by convention, anything in practice).
    init(unit: [UInt8]) {
        let parts = Self.parts(of: unit)
        if let written = parts.main {
            main = Self.cleaned(Self.names[written] ?? written)
        }
        if let written = parts.per {
            let cleaned = Self.cleaned(Self.perPrefix + (Self.perNames[written] ?? written))
            per = cleaned.last == ASCII.underscore ? cleaned.dropLast() : cleaned
            // Only the prefix is left.
            if per.count < Self.perPrefix.count { per = [] }
        }
    }

    /// For names that keep UTF-8: the unit is unchanged.
    init(asWritten unit: [UInt8]) {
        let parts = Self.parts(of: unit)
        main = parts.main.map { Self.names[$0] ?? $0 } ?? []
        per = parts.per.map { Self.perPrefix + (Self.perNames[$0] ?? $0) } ?? []
    }

    static func joined(main: [UInt8], per: [UInt8]) -> [UInt8] {
        if main.isEmpty { return per }
        return per.isEmpty ? main : main + [ASCII.underscore] + per
    }

    /// The parts before and after the first slash, each nil if unusable.
    private static func parts(of unit: [UInt8]) -> (main: [UInt8]?, per: [UInt8]?) {
        guard !unit.isEmpty else { return (nil, nil) }
        let parts = unit.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        return (usable(parts[0]), parts.count > 1 ? usable(parts[1]) : nil)
    }

    /// The part without surrounding white space; nil if nothing is left or it is an annotation (R-NAME-07).
    private static func usable(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        let trimmed = WhiteSpace.trimmed(part)
        let isAnnotation = trimmed.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }
        return trimmed.isEmpty || isAnnotation ? nil : Array(trimmed)
    }

    /// Characters that a name cannot contain become underscores, runs of them one, and a leading one is removed.
    private static func cleaned(_ unit: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(unit.count)
        for byte in unit {
            if ASCII.isNameByte(byte) {
                result.append(byte)
            } else if let last = result.last, last != ASCII.underscore {
                result.append(ASCII.underscore)
            }
        }
        return result
    }

    private static let perPrefix = Array("per_".utf8)

    /// UCUM to Prometheus. `TiBy` is misspelt in the Collector, whose names are kept.
    private static let names = table([
        ("d", "days"), ("h", "hours"), ("min", "minutes"), ("s", "seconds"), ("ms", "milliseconds"),
        ("us", "microseconds"), ("ns", "nanoseconds"),
        ("By", "bytes"), ("KiBy", "kibibytes"), ("MiBy", "mebibytes"), ("GiBy", "gibibytes"), ("TiBy", "tibibytes"),
        ("kBy", "kilobytes"), ("KBy", "kilobytes"), ("MBy", "megabytes"), ("GBy", "gigabytes"), ("TBy", "terabytes"),
        ("m", "meters"), ("V", "volts"), ("A", "amperes"), ("J", "joules"), ("W", "watts"), ("g", "grams"),
        ("Cel", "celsius"), ("Hz", "hertz"), ("1", ""), ("%", "percent"),
    ])

    /// The name after the slash, in the singular.
    private static let perNames = table([
        ("s", "second"), ("m", "minute"), ("h", "hour"), ("d", "day"), ("w", "week"), ("mo", "month"), ("y", "year"),
    ])

    private static func table(_ pairs: [(String, String)]) -> [[UInt8]: [UInt8]] {
        Dictionary(pairs.map { (Array($0.utf8), Array($1.utf8)) }, uniquingKeysWith: { first, _ in first })
    }
}
