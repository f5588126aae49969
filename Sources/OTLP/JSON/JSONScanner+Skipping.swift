extension JSONScanner {
    /// Skips one value of any kind and depth, checking it completely.
    mutating func skipValue() throws(JSONFault) {
        let floor = depth
        // Bit 0 says whether the innermost open level is an object, bit 1 the same of the next one, and so on.
        var objects: UInt64 = 0
        // Those of the outer levels, 64 at a time: one bit for at least one byte of the body.
        var outer: [UInt64] = []
        while true {
            switch tokens.peekToken() {
            case UInt8(ascii: "\""):
                _ = try tokens.string()
            case let bracket where bracket == UInt8(ascii: "{") || bracket == UInt8(ascii: "["):
                if depth > floor, (depth - floor) % 64 == 0 { outer.append(objects) }
                open()
                objects = objects << 1 | (bracket == UInt8(ascii: "{") ? 1 : 0)
            default:
                try tokens.passScalar()
            }
            // After a value: the ends of the levels it closes, then the way to the next value.
            while true {
                if depth == floor { return }
                let isInside = objects & 1 == 0 ? try nextElement() : try nextMember()
                if isInside { break }
                objects >>= 1
                if (depth - floor) % 64 == 0, let levels = outer.popLast() { objects = levels }
            }
            if objects & 1 == 1 {
                _ = try tokens.string()
                try passColon()
            }
        }
    }

    /// Skips an object and returns its text; an empty buffer for null.
    mutating func objectText() throws(JSONFault) -> UnsafeRawBufferPointer {
        guard tokens.peekToken() == UInt8(ascii: "{") else {
            _ = try tokens.expectNull(else: .expectedObject)
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let first = tokens.position
        try skipValue()
        return UnsafeRawBufferPointer(start: first, count: tokens.position - first)
    }

    /// Skips an array of `KeyValue` and returns its text; an empty buffer for null, and for anything but an array,
    /// which is left out. Checks the same as `skipValue`.
    mutating func attributesText() throws(JSONFault) -> UnsafeRawBufferPointer {
        _ = tokens.peekToken()
        let first = tokens.position
        guard try openList(of: .attribute) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        while try nextElement() {
            if !tokens.takeUsualAttribute() { try skipValue() }
        }
        return UnsafeRawBufferPointer(start: first, count: tokens.position - first)
    }
}
