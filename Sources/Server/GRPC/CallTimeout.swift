internal import NIOCore

/// The value of `grpc-timeout`: at most eight digits and a unit.
enum CallTimeout: Equatable, Sendable {
    case none
    case some(TimeAmount)
    case malformed(String)

    init(_ text: String) {
        let digits = text.utf8.dropLast()
        var number: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else {
                self = .malformed(text)
                return
            }
            number = number &* 10 &+ Int64(digit &- 0x30)
        }
        guard (1...8).contains(digits.count), let unit = text.utf8.last, let time = Self.time(number, unit: unit) else {
            self = .malformed(text)
            return
        }
        self = .some(time)
    }

    /// 99,999,999 minutes in nanoseconds fit into 64 bits, as many hours do not: those are cut to 114 years.
    private static func time(_ number: Int64, unit: UInt8) -> TimeAmount? {
        switch unit {
        case UInt8(ascii: "H"): .hours(min(number, 1_000_000))
        case UInt8(ascii: "M"): .minutes(number)
        case UInt8(ascii: "S"): .seconds(number)
        case UInt8(ascii: "m"): .milliseconds(number)
        case UInt8(ascii: "u"): .microseconds(number)
        case UInt8(ascii: "n"): .nanoseconds(number)
        default: nil
        }
    }
}
