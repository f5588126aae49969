internal import Bytes

extension JSONTokens {
    /// Skips an escape sequence at `position` and returns its character.
    mutating func passEscape() throws(JSONFault) -> Unicode.Scalar {
        guard end - position >= 2 else {
            position = end
            throw fault(.endOfText)
        }
        let kind = position[1]
        if kind == UInt8(ascii: "u") { return try passUnicodeEscape() }
        guard let scalar = Self.shortEscape(kind) else { throw fault(.escape) }
        position += 2
        return scalar
    }

    private static func shortEscape(_ kind: UInt8) -> Unicode.Scalar? {
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Unicode.Scalar(kind)
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
        }
    }

    /// `\uXXXX`, or two of them that make a surrogate pair.
    ///
    /// Half a pair is not a character and cannot be kept as UTF-8; it becomes U+FFFD, as in the Collector. JavaScript
    /// writes one if it cuts a text within a character, and that (in a prompt, the input of a tool) is no reason to
    /// lose all events of the export.
    private mutating func passUnicodeEscape() throws(JSONFault) -> Unicode.Scalar {
        let first = try passCodeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), end - position >= 2, position[0] == UInt8(ascii: "\\"),
            position[1] == UInt8(ascii: "u")
        else { return Self.replacement }
        let next = position
        let second = try passCodeUnit()
        guard UTF16.isTrailSurrogate(second) else {
            position = next
            return Self.replacement
        }
        let value = 0x1_0000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        return Unicode.Scalar(value) ?? Self.replacement
    }

    private static var replacement: Unicode.Scalar { "\u{FFFD}" }

    private mutating func passCodeUnit() throws(JSONFault) -> UInt16 {
        guard end - position >= 6 else {
            position = end
            throw fault(.endOfText)
        }
        var unit: UInt16 = 0
        for index in 2..<6 {
            guard let digit = Hexadecimal.value(of: position[index]) else { throw fault(.escape) }
            unit = unit << 4 | UInt16(digit)
        }
        position += 6
        return unit
    }
}

extension JSONText {
    /// Writes the unescaped text to `target`, which has room for `count` bytes: no escape is longer as UTF-8.
    /// - Returns: the number of bytes written.
    func unescape(into target: UnsafeMutablePointer<UInt8>) -> Int {
        var written = 0
        var next = start
        let end = start + count
        while next < end {
            guard next.pointee == UInt8(ascii: "\\") else {
                target[written] = next.pointee
                written += 1
                next += 1
                continue
            }
            guard let scalar = Self.escape(at: &next, before: end) else { return written }
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                target[written] = byte
                written += 1
            }
        }
        return written
    }

    /// An unescaped copy of the text.
    func unescaped() -> [UInt8] {
        guard hasEscapes else { return Array(bytes) }
        return [UInt8](unsafeUninitializedCapacity: count) { target, written in
            guard let base = target.baseAddress else { return }
            written = unescape(into: base)
        }
    }

    /// Calls `body` with the unescaped text; copies only if there are escapes.
    @inline(__always)
    func withMeaning<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        hasEscapes ? unescaped().withUnsafeBufferPointer(body) : body(bytes)
    }

    /// The escape at `next`, again; nil cannot happen in a text that was checked.
    private static func escape(
        at next: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
    ) -> Unicode.Scalar? {
        let rest = UnsafeRawBufferPointer(start: next, count: end - next)
        guard var tokens = try? JSONTokens(rest), let scalar = try? tokens.passEscape() else { return nil }
        next = tokens.position
        return scalar
    }
}
