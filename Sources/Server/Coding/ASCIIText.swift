/// Compares and splits HTTP header values, without copies.
extension StringProtocol {
    /// Whether the text equals `lowercase`, which has no capital letters, in any letter case.
    package func equalsIgnoringASCIICase(_ lowercase: StaticString) -> Bool {
        let text = utf8
        guard text.count == lowercase.utf8CodeUnitCount else { return false }
        var expected = lowercase.utf8Start
        for byte in text {
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if lower != expected.pointee { return false }
            expected += 1
        }
        return true
    }

    /// The text without the white space HTTP allows around list elements (RFC 9110, 5.6.3).
    package var trimmingOptionalWhitespace: SubSequence {
        var start = startIndex
        var end = endIndex
        while start < end, utf8[start].isOptionalWhitespace { utf8.formIndex(after: &start) }
        while start < end, utf8[index(before: end)].isOptionalWhitespace { end = index(before: end) }
        return self[start..<end]
    }
}

extension UInt8 {
    fileprivate var isOptionalWhitespace: Bool { self == 0x20 || self == 0x09 }
}
