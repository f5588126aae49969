import NIOHTTP1
import Testing

@testable import Forward

/// Retry-After.
@Suite struct RetryAfterTests {
    @Test(
        "the three forms of a date are parsed, and nothing else",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Saturday, 01-Jan-00 00:00:00 GMT", 946_684_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("06 Nov 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 24:00:00 GMT", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 32 Nov 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 19940 08:49:37 GMT", nil), ("", nil),
            ("Sun, -6 Nov 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49 GMT", nil),
            ("Sun, 99999999999999999999 Nov 1994 08:49:37 GMT", nil), ("tomorrow", nil),
        ] as [(String, Int64?)])
    func dates(text: String, seconds: Int64?) {
        #expect(HTTPDate.seconds(of: text) == seconds)
    }

    private static func time(_ value: String?, date: String? = nil, now: Int64 = 784_111_770) -> Duration? {
        var headers = HTTPHeaders()
        if let value { headers.add(name: "Retry-After", value: value) }
        if let date { headers.add(name: "Date", value: date) }
        return RetryAfter.time(in: headers, now: now)
    }

    @Test("a date is relative to the clock of the server, if it sends it; a past date means no delay")
    func datesCountFromNow() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(Self.time(date) == .seconds(7))
        #expect(Self.time(date, now: 1_800_000_000) == .zero)
        #expect(Self.time(date, date: "Sun, 06 Nov 1994 08:48:37 GMT", now: 1_800_000_000) == .seconds(60))
        #expect(Self.time(date, date: "no date") == .seconds(7))
    }

    @Test("any number of seconds is parsed; other text is not")
    func seconds() {
        #expect(Self.time("120") == .seconds(120))
        #expect(Self.time("0") == .zero)
        #expect(Self.time(String(repeating: "9", count: 40)) ?? .zero > .seconds(86_400))
        for text in ["-5", "+5", "1.5", "5s", "", nil] { #expect(Self.time(text) == nil) }
    }
}
