internal import Settings

/// A pull parser over the bytes of one JSON text (RFC 8259): the caller requests what it expects next.
///
/// Everything that it skips or reads is checked completely: grammar, escapes and UTF-8. It never reads outside its
/// buffer, copies nothing, and returns pointers into the buffer. After a fault it must not be used any more.
struct JSONScanner {
    /// The origin of the offsets of faults.
    let origin: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var position: UnsafePointer<UInt8>
    /// Arrays and objects that are open at `position`.
    var depth = 0
    /// Arrays and maps of an attribute that are being read at `position`.
    var levels = 0
    private let levelLimit: Int
    /// The innermost array or object was just opened: no comma before its first element.
    var isFresh = false
    /// Bytes of memory that decoded values may still use.
    private var memoryLeft: Int
    /// What was left out, and the reason for the first part.
    var lost = LossCounts()
    var firstLoss: JSONFault?

    /// - Parameter origin: the beginning of the body if the text is a part of it, nil if it is all of it: faults report
    ///   their position in the body.
    init(
        _ text: UnsafeRawBufferPointer, limits: DecodingLimits, origin: UnsafeRawPointer? = nil
    ) throws(JSONFault) {
        guard let base = text.baseAddress, !text.isEmpty else { throw JSONFault(reason: .nothing, offset: 0) }
        position = base.assumingMemoryBound(to: UInt8.self)
        end = position + text.count
        self.origin = origin.map { $0.assumingMemoryBound(to: UInt8.self) } ?? position
        levelLimit = limits.maxAttributeDepth
        memoryLeft = limits.maxDecodingMemory
    }

    func fault(_ reason: JSONFault.Reason) -> JSONFault {
        JSONFault(reason: position < end ? reason : .endOfText, offset: position - origin)
    }

    /// The memory limit is reached.
    var exhaustion: JSONFault { JSONFault(reason: .tooLarge, offset: position - origin) }

    /// Reads an array or a map of an attribute: the only values that are read level within level.
    mutating func withinLevel(_ read: (inout JSONScanner) throws(JSONFault) -> Void) throws(JSONFault) {
        guard levels < levelLimit else { throw fault(.tooDeep) }
        levels += 1
        try read(&self)
        levels -= 1
    }

    /// Reserves `count` bytes of the remaining memory.
    @inline(__always)
    mutating func spend(_ count: Int) throws(JSONFault) {
        guard memoryLeft >= count else { throw exhaustion }
        memoryLeft -= count
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

// MARK: - Arrays and objects

extension JSONScanner {
    /// Steps into an array or object whose first byte is at `position`.
    @inline(__always)
    mutating func open() {
        depth += 1
        position += 1
        isFresh = true
    }

    @inline(__always)
    mutating func close() {
        depth -= 1
        position += 1
        isFresh = false
    }

    /// Steps into an object; false if there is null instead (R-JSON-13). Then call `nextKey` until it returns nil.
    @inline(__always)
    mutating func openObject() throws(JSONFault) -> Bool {
        guard peekToken() == UInt8(ascii: "{") else { return try expectNull(else: .expectedObject) }
        open()
        return true
    }

    /// Steps into an array; false if there is null instead (R-JSON-13). Then call `nextElement` until it returns false.
    @inline(__always)
    mutating func openArray() throws(JSONFault) -> Bool {
        guard peekToken() == UInt8(ascii: "[") else { return try expectNull(else: .expectedArray) }
        open()
        return true
    }

    /// The key of the next member of the innermost object, its value not yet consumed; nil after the last one.
    @inline(__always)
    mutating func nextKey() throws(JSONFault) -> JSONKey? {
        guard try nextMember() else { return nil }
        let text = try string()
        try passColon()
        return JSONKey(text)
    }

    /// Moves to the opening quote of the next key, or after the object.
    @inline(__always)
    mutating func nextMember() throws(JSONFault) -> Bool {
        var byte = peekToken()
        if byte == UInt8(ascii: "}") {
            close()
            return false
        }
        if isFresh {
            isFresh = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw fault(.expectedCommaOrBrace) }
            position += 1
            byte = peekToken()
        }
        guard byte == UInt8(ascii: "\"") else { throw fault(.expectedKey) }
        return true
    }

    @inline(__always)
    mutating func passColon() throws(JSONFault) {
        guard peekToken() == UInt8(ascii: ":") else { throw fault(.expectedColon) }
        position += 1
    }

    /// Moves to the next element of the innermost array; false after the last one.
    @inline(__always)
    mutating func nextElement() throws(JSONFault) -> Bool {
        let byte = peekToken()
        if byte == UInt8(ascii: "]") {
            close()
            return false
        }
        if isFresh {
            isFresh = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw fault(.expectedCommaOrBracket) }
            position += 1
        }
        return true
    }
}

// MARK: - Words

extension JSONScanner {
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
}
