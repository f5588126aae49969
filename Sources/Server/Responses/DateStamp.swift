#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#else
private import Darwin
#endif

/// The value of the `Date` header (RFC 9110, 5.6.7), rendered again only when the second changes.
struct DateStamp {
    private var second: Int64 = .min
    private(set) var text: [UInt8] = []

    /// The moment as IMF-fixdate, 29 bytes.
    mutating func current() -> [UInt8] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return at(Int64(now.tv_sec))
    }

    /// The same for a given second since 1970, which is taken as 1970 if it lies before.
    mutating func at(_ unixSeconds: Int64) -> [UInt8] {
        guard unixSeconds != second || text.isEmpty else { return text }
        second = unixSeconds
        let seconds = max(0, unixSeconds)
        let (year, month, day) = Self.civil(daysSince1970: seconds / 86400)
        let time = Int(seconds % 86400)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        // 1970-01-01 was a Thursday.
        bytes += Self.name(Int((seconds / 86400 + 4) % 7), in: "SunMonTueWedThuFriSat")
        bytes += [UInt8(ascii: ","), UInt8(ascii: " ")]
        bytes += Self.digits(day, 2) + [UInt8(ascii: " ")]
        bytes += Self.name(month - 1, in: "JanFebMarAprMayJunJulAugSepOctNovDec")
        bytes += [UInt8(ascii: " ")] + Self.digits(year, 4) + [UInt8(ascii: " ")]
        bytes += Self.digits(time / 3600, 2) + [UInt8(ascii: ":")]
        bytes += Self.digits(time / 60 % 60, 2) + [UInt8(ascii: ":")]
        bytes += Self.digits(time % 60, 2)
        bytes += " GMT".utf8
        text = bytes
        return bytes
    }

    private static func name(_ index: Int, in names: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: names.utf8Start + 3 * index, count: 3)
    }

    private static func digits(_ number: Int, _ count: Int) -> [UInt8] {
        var rest = number
        var digits = [UInt8](repeating: UInt8(ascii: "0"), count: count)
        for place in digits.indices.reversed() {
            digits[place] += UInt8(rest % 10)
            rest /= 10
        }
        return digits
    }

    /// The date of a day in the Gregorian calendar, counted in eras of 400 years that start on 1 March.
    private static func civil(daysSince1970: Int64) -> (year: Int, month: Int, day: Int) {
        let days = Int(daysSince1970) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
