/// One entry of an Accept or Accept-Encoding header: `text/plain;version=0.0.4;q=0.5`, `gzip;q=0` (RFC 9110, 12.5).
struct AcceptEntry: Equatable {
    /// The media range or the content coding, in lower case, without its parameters.
    var value: String
    /// All parameters but `q`, names in lower case, in the order given.
    var parameters: [Parameter] = []
    /// The weight in thousandths, 0...1000; 0 also if it is invalid.
    var quality = 1000

    struct Parameter: Equatable {
        var name: String
        /// Unquoted.
        var value: String
    }

    func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }
}

extension AcceptEntry {
    /// Bytes of one header that are read, over any number of lines. 16 KiB, the server's default limit of a whole head.
    static let bytesLimit = 16 << 10
    /// Entries of one header that are read, empty ones included; Prometheus sends five.
    static let countLimit = 64
    /// Parameters kept of one entry.
    static let parameterLimit = 16

    /// Parses the lines of one header. Never fails: invalid entries are left out, and so are those beyond the limits.
    static func entries(in lines: [String]) -> [AcceptEntry] {
        var entries: [AcceptEntry] = []
        var bytesLeft = bytesLimit
        var countLeft = countLimit
        for line in lines {
            let bytes = Array(line.utf8.prefix(bytesLeft))
            bytesLeft -= bytes.count
            for element in split(bytes[...], at: UInt8(ascii: ",")).prefix(countLeft) {
                countLeft -= 1
                if let entry = AcceptEntry(element) { entries.append(entry) }
            }
            if bytesLeft == 0 || countLeft == 0 { break }
        }
        return entries
    }

    private init?(_ element: ArraySlice<UInt8>) {
        let parts = Self.split(element, at: UInt8(ascii: ";"))
        guard let first = parts.first, case let value = Self.token(first), !value.isEmpty else { return nil }
        self.value = value
        for part in parts.dropFirst().prefix(Self.parameterLimit) {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = Self.token(part[..<equals])
            let value = Self.unquoted(part[(equals + 1)...])
            if name == "q" {
                quality = Self.quality(value) ?? 0
            } else {
                parameters.append(Parameter(name: name, value: value))
            }
        }
    }

    /// Parts between separators outside quotes.
    private static func split(_ text: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for position in text.indices {
            let byte = text[position]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(text[start..<position])
                start = position + 1
            }
        }
        parts.append(text[start...])
        return parts
    }

    /// Without white space around it, in lower case.
    private static func token(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: trimmed(text).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The text of a quoted string, or the token unchanged.
    private static func unquoted(_ text: ArraySlice<UInt8>) -> String {
        let text = trimmed(text)
        guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else {
            return String(decoding: text, as: UTF8.self)
        }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                isEscaped = false
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }

    /// `0`, `1`, `0.5`, `1.000`: at most three digits after the point (RFC 9110, 12.4.2); nil for anything else.
    private static func quality(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else { return nil }
        if digits.count > 1, digits[1] != UInt8(ascii: ".") { return nil }
        guard digits.count <= 5, digits.dropFirst(2).allSatisfy(ASCII.isDigit) else { return nil }
        var thousandths = Int(first - UInt8(ascii: "0")) * 1000
        var place = 100
        for digit in digits.dropFirst(2) {
            thousandths += Int(digit - UInt8(ascii: "0")) * place
            place /= 10
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}
