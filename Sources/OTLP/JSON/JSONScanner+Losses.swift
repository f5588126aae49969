// Parts that are lost alone: a value with valid syntax that does not fit its field.
extension JSONScanner {
    /// The beginning of a value, to return to.
    struct Place {
        fileprivate var position: UnsafePointer<UInt8>
        fileprivate var depth: Int
        fileprivate var levels: Int
    }

    /// Only before a value: after a key's colon, or where `nextElement` moved to.
    @inline(__always)
    var place: Place { Place(position: tokens.position, depth: depth, levels: levels) }

    /// Returns to the value that did not fit, skips it and notes the loss.
    /// - Throws: `fault` if it costs more than this value, or an error in the value's syntax.
    @inline(never)
    mutating func leaveOut(_ part: ExportPart, from place: Place, _ fault: JSONFault) throws(JSONFault) {
        try goBack(to: place, after: fault)
        try skipValue()
        note(part, fault)
    }

    /// Returns to the beginning of a value that did not fit.
    /// - Throws: `fault` if it costs more than this value.
    mutating func goBack(to place: Place, after fault: JSONFault) throws(JSONFault) {
        guard fault.reason.isMismatch else { throw fault }
        tokens.position = place.position
        depth = place.depth
        levels = place.levels
        isFresh = false
    }

    mutating func note(_ part: ExportPart, _ fault: JSONFault, count: Int = 1) {
        guard count > 0 else { return }
        lost[part] &+= UInt64(count)
        if firstLoss == nil { firstLoss = fault }
    }

    /// The losses so far.
    var losses: DecodingLosses {
        guard let firstLoss else { return DecodingLosses() }
        return DecodingLosses(lost, reason: DecodingFailure(firstLoss).text)
    }

    /// The result of `read`; nil if the value does not fit, which is left out.
    @inline(__always)
    mutating func orLeftOut<Value>(
        _ part: ExportPart, _ read: (inout JSONScanner) throws(JSONFault) -> Value
    ) throws(JSONFault) -> Value? {
        let place = place
        do throws(JSONFault) {
            return try read(&self)
        } catch {
            try leaveOut(part, from: place, error)
            return nil
        }
    }

    /// Steps into an array of parts; false for null, or for anything but an array, which is left out.
    @inline(__always)
    mutating func openList(of part: ExportPart) throws(JSONFault) -> Bool {
        guard tokens.peekToken() == UInt8(ascii: "[") else {
            try passNoList(of: part)
            return false
        }
        open()
        return true
    }

    @inline(never)
    private mutating func passNoList(of part: ExportPart) throws(JSONFault) {
        if try !tokens.takeNull() { try leaveOut(part, from: place, tokens.fault(.expectedArray)) }
    }

    /// Skips a value that is neither a string nor null and notes the loss of a text.
    /// - Returns: whether it is a string or null.
    mutating func leaveOutUnlessText() throws(JSONFault) -> Bool {
        switch tokens.peekToken() {
        case UInt8(ascii: "\""), UInt8(ascii: "n"): return false
        default:
            try leaveOut(.field, from: place, tokens.fault(.expectedString))
            return true
        }
    }
}

extension JSONFault.Reason {
    /// The value is not of its field's type, out of its range or nested too deep; not a syntax error, and not a limit
    /// of the whole export.
    var isMismatch: Bool {
        switch self {
        case .expectedObject, .expectedArray, .expectedString, .expectedBool, .expectedInteger, .expectedDouble,
            .expectedTemporality, .base64, .identifier, .tooDeep:
            true
        case .nothing, .endOfText, .trailingBytes, .tooLarge, .expectedValue, .expectedKey, .expectedColon,
            .expectedCommaOrBrace, .expectedCommaOrBracket, .literal, .number, .controlCharacter, .escape, .utf8,
            .holdsMetrics, .holdsLogs, .holdsTraces:
            false
        }
    }
}
