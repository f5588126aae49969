/// The words of one JSON text (RFC 8259) one after the other: white space, strings, numbers, and words such as null.
///
/// Whatever it passes is checked completely: escapes, numbers and UTF-8. It never reads outside its buffer, copies
/// nothing, and returns pointers into the buffer.
struct JSONTokens {
    /// The origin of the offsets of faults.
    private let origin: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var position: UnsafePointer<UInt8>

    /// - Parameter origin: the beginning of the body if the text is a part of it, nil if it is all of it: faults report
    ///   their position in the body.
    /// - Throws: when there is no text.
    init(_ text: UnsafeRawBufferPointer, origin: UnsafeRawPointer? = nil) throws(JSONFault) {
        guard let base = text.baseAddress, !text.isEmpty else { throw JSONFault(reason: .nothing, offset: 0) }
        position = base.assumingMemoryBound(to: UInt8.self)
        end = position + text.count
        self.origin = origin.map { $0.assumingMemoryBound(to: UInt8.self) } ?? position
    }

    /// Bytes of the body before `position`.
    var offset: Int { position - origin }

    func fault(_ reason: JSONFault.Reason) -> JSONFault {
        JSONFault(reason: position < end ? reason : .endOfText, offset: offset)
    }

    /// The next byte that is not white space, not yet consumed; 0 at the end of the text, where no token begins.
    @inline(__always)
    mutating func peekToken() -> UInt8 {
        if position < end, position.pointee > UInt8(ascii: " ") { return position.pointee }
        return skipWhiteSpace()
    }

    @inline(never)
    private mutating func skipWhiteSpace() -> UInt8 {
        while position < end {
            switch position.pointee {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            case let byte: return byte
            }
        }
        return 0
    }

    /// The rest of the text must be white space (R-JSON-18).
    mutating func finish() throws(JSONFault) {
        _ = peekToken()
        guard position == end else { throw fault(.trailingBytes) }
    }
}

// MARK: - Words

extension JSONTokens {
    /// Consumes null and returns true, or returns false.
    @inline(__always)
    mutating func takeNull() throws(JSONFault) -> Bool {
        guard peekToken() == UInt8(ascii: "n") else { return false }
        try passWord("null")
        return true
    }

    /// Consumes null, or else throws `reason`.
    /// - Returns: false, for the callers' brevity.
    @inline(never)
    mutating func expectNull(else reason: JSONFault.Reason) throws(JSONFault) -> Bool {
        guard try takeNull() else { throw fault(reason) }
        return false
    }

    /// true, false, or nil for null; nothing else (R-JSON-13).
    mutating func bool() throws(JSONFault) -> Bool? {
        switch peekToken() {
        case UInt8(ascii: "t"):
            try passWord("true")
            return true
        case UInt8(ascii: "f"):
            try passWord("false")
            return false
        default:
            _ = try expectNull(else: .expectedBool)
            return nil
        }
    }

    mutating func passWord(_ word: StaticString) throws(JSONFault) {
        let count = word.utf8CodeUnitCount
        guard end - position >= count else {
            position = end
            throw fault(.endOfText)
        }
        for index in 0..<count where position[index] != word.utf8Start[index] { throw fault(.literal) }
        position += count
    }

    /// Skips a number, or one of the words; the next byte is not white space.
    mutating func passScalar() throws(JSONFault) {
        switch position < end ? position.pointee : 0 {
        case UInt8(ascii: "t"): try passWord("true")
        case UInt8(ascii: "f"): try passWord("false")
        case UInt8(ascii: "n"): try passWord("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try bareNumber()
        default: throw fault(.expectedValue)
        }
    }
}
