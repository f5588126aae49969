internal import NIOHTTP1
private import Platform

/// The time that a server asks to wait: `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
enum RetryAfter {
    /// Stands for a number of seconds that is too large to parse. 100 years.
    private static let endless: Duration = .seconds(100 * 365 * 86_400)

    /// The time to wait from now; nil without a valid header.
    /// - Parameter now: Unix time in seconds, for servers that do not send their time.
    static func time(in headers: HTTPHeaders, now: Int64 = Int64(clamping: wallTime() / 1_000_000_000)) -> Duration? {
        guard let text = headers.first(name: "retry-after") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int64(text).map { min(.seconds($0), endless) } ?? endless
        }
        guard let date = HTTPDate.seconds(of: text) else { return nil }
        // Relative to the server's own clock, if it sends a date: ours may differ.
        let begin = headers.first(name: "date").flatMap(HTTPDate.seconds) ?? now
        return .seconds(max(0, date - begin))
    }
}

/// Dates of HTTP in their three forms (RFC 9110, section 5.6.7), all of them in GMT.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Unix time in seconds; nil if it is not a date. The day of the week is ignored.
    static func seconds(of text: String) -> Int64? {
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        // As in Sun, 06 Nov 1994 08:49:37 GMT.
        case 6 where words[5] == "GMT" && words[0].hasSuffix(","):
            guard words[3].utf8.count == 4 else { return nil }
            return seconds(year: number(words[3]), month: words[2], day: number(words[1]), time: words[4])
        // As in Sunday, 06-Nov-94 08:49:37 GMT.
        case 4 where words[3] == "GMT" && words[0].hasSuffix(","):
            let date = words[1].split(separator: "-").map(String.init)
            guard date.count == 3, date[2].utf8.count == 2, let year = number(date[2]) else { return nil }
            // As in other programs; a retry date is not in the last century.
            return seconds(
                year: year + (year < 70 ? 2000 : 1900), month: date[1], day: number(date[0]), time: words[2])
        // As in Sun Nov  6 08:49:37 1994.
        case 5:
            guard words[4].utf8.count == 4 else { return nil }
            return seconds(year: number(words[4]), month: words[1], day: number(words[2]), time: words[3])
        default: return nil
        }
    }

    /// At most four digits, and nothing else.
    private static func number(_ text: String) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    private static func seconds(year: Int64?, month: String, day: Int64?, time: String) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0)) }
        guard let year, let day, (1...31).contains(day), let index = months.firstIndex(of: month), clock.count == 3,
            let hour = clock[0], let minute = clock[1], let second = clock[2], hour < 24, minute < 60, second <= 60
        else { return nil }
        return days(year: year, month: Int64(index) + 1, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Days since 1 January 1970 in the Gregorian calendar; years begin in March, so that leap days come last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
