private import Platform

/// The value of the `Date` header (RFC 9110, 5.6.7), rendered again only when the second changes.
struct DateStamp {
    private var second: Int64 = .min
    private(set) var text: [UInt8] = []

    /// The moment as IMF-fixdate, 29 bytes.
    mutating func current() -> [UInt8] {
        at(Int64(clamping: wallTime() / 1_000_000_000))
    }

    /// The same for a given second since 1970, which is taken as 1970 if it lies before.
    mutating func at(_ unixSeconds: Int64) -> [UInt8] {
        guard unixSeconds != second || text.isEmpty else { return text }
        second = unixSeconds
        let seconds = max(0, unixSeconds)
        let time = UTCTime(unixSeconds: seconds)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        // 1970-01-01 was a Thursday.
        bytes += Self.name(Int((seconds / 86400 + 4) % 7), in: "SunMonTueWedThuFriSat")
        bytes += [UInt8(ascii: ","), UInt8(ascii: " ")]
        bytes += Self.digits(time.day, 2) + [UInt8(ascii: " ")]
        bytes += Self.name(time.month - 1, in: "JanFebMarAprMayJunJulAugSepOctNovDec")
        bytes += [UInt8(ascii: " ")] + Self.digits(time.year, 4) + [UInt8(ascii: " ")]
        bytes += Self.digits(time.hour, 2) + [UInt8(ascii: ":")]
        bytes += Self.digits(time.minute, 2) + [UInt8(ascii: ":")]
        bytes += Self.digits(time.second, 2)
        bytes += " GMT".utf8
        text = bytes
        return bytes
    }

    private static func name(_ index: Int, in names: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: names.utf8Start + 3 * index, count: 3)
    }

    private static func digits(_ number: Int, _ count: Int) -> String.UTF8View { UTCTime.digits(number, count).utf8 }
}
