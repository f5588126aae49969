/// The text between the quotes of a string, already checked.
struct JSONText {
    var start: UnsafePointer<UInt8>
    var count: Int
    /// Whether it contains a backslash: then `unescape` decodes it.
    var hasEscapes: Bool

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
}

extension JSONTokens {
    /// Skips a string (R-JSON-17).
    @inline(__always)
    mutating func string() throws(JSONFault) -> JSONText {
        guard peekToken() == UInt8(ascii: "\"") else { throw fault(.expectedString) }
        let first = position + 1
        position = first
        let hasEscapes = try passStringBody()
        return JSONText(start: first, count: position - first - 1, hasEscapes: hasEscapes)
    }

    /// A string, or nil for null.
    @inline(__always)
    mutating func stringOrNull() throws(JSONFault) -> JSONText? {
        guard peekToken() == UInt8(ascii: "\"") else {
            _ = try expectNull(else: .expectedString)
            return nil
        }
        return try string()
    }

    /// Moves from after the opening quote to after the closing one.
    /// - Returns: whether there was a backslash.
    @inline(__always)
    private mutating func passStringBody() throws(JSONFault) -> Bool {
        var next = position
        while end - next >= 8 {
            let stops = Self.stops(in: Self.word(next))
            guard stops != 0 else {
                next += 8
                continue
            }
            next += stops.trailingZeroBitCount >> 3
            guard next.pointee == UInt8(ascii: "\"") else { break }
            position = next + 1
            return false
        }
        position = next
        return try passUnusualStringBody()
    }

    /// As `passStringBody`, for strings with escapes or characters beyond ASCII, and close to the end of the text.
    @inline(never)
    private mutating func passUnusualStringBody() throws(JSONFault) -> Bool {
        var hasEscapes = false
        while true {
            while end - position >= 8 {
                let stops = Self.stops(in: Self.word(position))
                guard stops == 0 else {
                    position += stops.trailingZeroBitCount >> 3
                    break
                }
                position += 8
            }
            guard position < end else { throw fault(.endOfText) }
            switch position.pointee {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                _ = try passEscape()
                hasEscapes = true
            case 0x80...: try passMultibyteCharacters()
            case ..<0x20: throw fault(.controlCharacter)
            default: position += 1
            }
        }
    }

    /// Eight bytes, the first one lowest.
    @inline(__always)
    static func word(_ start: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    }

    /// Sets the top bit of each byte that ends a run of plain characters: a quote, a backslash, a control character or
    /// a byte beyond ASCII. Only the lowest set bit can be relied on: borrows may set others above it.
    ///
    /// Flipping bit 1 moves the quote (0x22) to 0x20, next to the control characters, so that one subtraction finds
    /// both; no other byte moves across that border.
    @inline(__always)
    static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quoteOrControl = (word ^ (ones &* 0x02)) &- (ones &* 0x21)
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        return (quoteOrControl | backslash | word) & (ones &* 0x80)
    }
}

// MARK: - UTF-8

extension JSONTokens {
    /// Skips characters of two to four bytes until the next ASCII one (Unicode 15, table 3-7).
    private mutating func passMultibyteCharacters() throws(JSONFault) {
        while position < end, position.pointee >= 0x80 {
            let (count, second) = Self.shape(leadingByte: position.pointee)
            guard count != 0 else { throw fault(.utf8) }
            guard end - position >= count else {
                position = end
                throw fault(.endOfText)
            }
            guard second.contains(position[1]) else { throw fault(.utf8) }
            for index in 2..<max(2, count) where position[index] & 0xC0 != 0x80 { throw fault(.utf8) }
            position += count
        }
    }

    /// The length of the character with this first byte, and the range of its second one; length 0 if invalid.
    private static func shape(leadingByte: UInt8) -> (count: Int, second: ClosedRange<UInt8>) {
        switch leadingByte {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: (0, 0...0)
        }
    }
}
