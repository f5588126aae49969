internal import Settings

/// A pull parser over the bytes of one JSON text (RFC 8259): the caller requests what it expects next.
///
/// It leads through arrays and objects; single values are read from its `tokens`. Everything that it skips or reads is
/// checked completely. After a fault it must not be used any more.
struct JSONScanner {
    var tokens: JSONTokens
    /// Arrays and objects that are open.
    var depth = 0
    /// Arrays and maps of an attribute that are being read.
    var levels = 0
    private let levelLimit: Int
    /// The innermost array or object was just opened: no comma before its first element.
    var isFresh = false
    /// Bytes of memory that decoded values may still use.
    private var memoryLeft: Int
    /// What was left out, and the reason for the first part.
    var lost = LossCounts()
    var firstLoss: JSONFault?

    /// - Parameter origin: see `JSONTokens`.
    init(
        _ text: UnsafeRawBufferPointer, limits: DecodingLimits, origin: UnsafeRawPointer? = nil
    ) throws(JSONFault) {
        tokens = try JSONTokens(text, origin: origin)
        levelLimit = limits.maxAttributeDepth
        memoryLeft = limits.maxDecodingMemory
    }

    /// The memory limit is reached.
    var exhaustion: JSONFault { JSONFault(reason: .tooLarge, offset: tokens.offset) }

    /// Reads an array or a map of an attribute: the only values that are read level within level.
    mutating func withinLevel(_ read: (inout JSONScanner) throws(JSONFault) -> Void) throws(JSONFault) {
        guard levels < levelLimit else { throw tokens.fault(.tooDeep) }
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
}

// MARK: - Arrays and objects

extension JSONScanner {
    /// Steps into an array or object whose first byte is next.
    @inline(__always)
    mutating func open() {
        depth += 1
        tokens.position += 1
        isFresh = true
    }

    @inline(__always)
    mutating func close() {
        depth -= 1
        tokens.position += 1
        isFresh = false
    }

    /// Steps into an object; false if there is null instead (R-JSON-13). Then call `nextKey` until it returns nil.
    @inline(__always)
    mutating func openObject() throws(JSONFault) -> Bool {
        guard tokens.peekToken() == UInt8(ascii: "{") else { return try tokens.expectNull(else: .expectedObject) }
        open()
        return true
    }

    /// Steps into an array; false if there is null instead (R-JSON-13). Then call `nextElement` until it returns false.
    @inline(__always)
    mutating func openArray() throws(JSONFault) -> Bool {
        guard tokens.peekToken() == UInt8(ascii: "[") else { return try tokens.expectNull(else: .expectedArray) }
        open()
        return true
    }

    /// The key of the next member of the innermost object, its value not yet consumed; nil after the last one.
    @inline(__always)
    mutating func nextKey() throws(JSONFault) -> JSONKey? {
        guard try nextMember() else { return nil }
        let text = try tokens.string()
        try passColon()
        return JSONKey(text)
    }

    /// Moves to the opening quote of the next key, or after the object.
    @inline(__always)
    mutating func nextMember() throws(JSONFault) -> Bool {
        var byte = tokens.peekToken()
        if byte == UInt8(ascii: "}") {
            close()
            return false
        }
        if isFresh {
            isFresh = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw tokens.fault(.expectedCommaOrBrace) }
            tokens.position += 1
            byte = tokens.peekToken()
        }
        guard byte == UInt8(ascii: "\"") else { throw tokens.fault(.expectedKey) }
        return true
    }

    @inline(__always)
    mutating func passColon() throws(JSONFault) {
        guard tokens.peekToken() == UInt8(ascii: ":") else { throw tokens.fault(.expectedColon) }
        tokens.position += 1
    }

    /// Moves to the next element of the innermost array; false after the last one.
    @inline(__always)
    mutating func nextElement() throws(JSONFault) -> Bool {
        let byte = tokens.peekToken()
        if byte == UInt8(ascii: "]") {
            close()
            return false
        }
        if isFresh {
            isFresh = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw tokens.fault(.expectedCommaOrBracket) }
            tokens.position += 1
        }
        return true
    }
}
