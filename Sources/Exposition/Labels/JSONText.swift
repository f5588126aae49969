/// JSON strings and numbers, written as the Collector writes them (Go's encoding/json without HTML escaping).
enum JSONText {
    static let quote = UInt8(ascii: "\"")

    private static let backslash = UInt8(ascii: "\\")

    /// Appends `string`, valid UTF-8, in quotes. Escaped are the quote, the backslash, control characters, and U+2028
    /// and U+2029, which are line ends in JavaScript.
    static func appendString(_ string: [UInt8], to text: inout [UInt8]) {
        text.append(quote)
        var position = 0
        while position < string.count {
            let byte = string[position]
            if byte == quote || byte == backslash {
                text.append(backslash)
                text.append(byte)
            } else if byte < 0x20 {
                appendControl(byte, to: &text)
            } else if byte == 0xE2, string[position...].starts(with: [0xE2, 0x80, 0xA8]) {
                text.append(contentsOf: "\\u2028".utf8)
                position += 2
            } else if byte == 0xE2, string[position...].starts(with: [0xE2, 0x80, 0xA9]) {
                text.append(contentsOf: "\\u2029".utf8)
                position += 2
            } else {
                text.append(byte)
            }
            position += 1
        }
        text.append(quote)
    }

    private static func appendControl(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(backslash)
        switch byte {
        case 0x08: text.append(UInt8(ascii: "b"))
        case 0x09: text.append(UInt8(ascii: "t"))
        case 0x0A: text.append(UInt8(ascii: "n"))
        case 0x0C: text.append(UInt8(ascii: "f"))
        case 0x0D: text.append(UInt8(ascii: "r"))
        default:
            text.append(contentsOf: byte < 0x10 ? "u000".utf8 : "u00".utf8)
            text.append(contentsOf: String(byte, radix: 16).utf8)
        }
    }

    /// Appends a finite number in the fewest digits that round-trip: plain from 1e-6 to below 1e21, else with an
    /// exponent.
    static func appendNumber(_ number: Double, to text: inout [UInt8]) {
        if number.sign == .minus { text.append(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        let (digits, point) = DecimalDigits.shortest(of: magnitude)
        if magnitude != 0, magnitude < 1e-6 || magnitude >= 1e21 {
            text.append(digits[0])
            if digits.count > 1 {
                text.append(UInt8(ascii: "."))
                text.append(contentsOf: digits[1...])
            }
            text.append(UInt8(ascii: "e"))
            if point > 0 { text.append(UInt8(ascii: "+")) }
            NumberText.append(Int64(point - 1), to: &text)
        } else if point <= 0 {
            text.append(contentsOf: "0.".utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            text.append(contentsOf: digits)
        } else if point >= digits.count {
            text.append(contentsOf: digits)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        } else {
            text.append(contentsOf: digits[..<point])
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: digits[point...])
        }
    }
}
