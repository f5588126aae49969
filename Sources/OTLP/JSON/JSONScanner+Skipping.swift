extension JSONScanner {
    /// Skips one value of any kind and depth, checking it completely.
    mutating func skipValue() throws(JSONFault) {
        let floor = depth
        // Bit 0 says whether the innermost open level is an object, bit 1 the same of the next one, and so on.
        var objects: UInt64 = 0
        // Those of the outer levels, 64 at a time: one bit for at least one byte of the body.
        var outer: [UInt64] = []
        while true {
            switch peekToken() {
            case UInt8(ascii: "\""):
                _ = try string()
            case let bracket where bracket == UInt8(ascii: "{") || bracket == UInt8(ascii: "["):
                if depth > floor, (depth - floor) % 64 == 0 { outer.append(objects) }
                open()
                objects = objects << 1 | (bracket == UInt8(ascii: "{") ? 1 : 0)
            default:
                try skipScalar()
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
                _ = try string()
                try passColon()
            }
        }
    }

    /// Skips an object and returns its text; an empty buffer for null.
    mutating func objectText() throws(JSONFault) -> UnsafeRawBufferPointer {
        guard peekToken() == UInt8(ascii: "{") else {
            _ = try expectNull(else: .expectedObject)
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let first = position
        try skipValue()
        return UnsafeRawBufferPointer(start: first, count: position - first)
    }

    private mutating func skipScalar() throws(JSONFault) {
        switch position < end ? position.pointee : 0 {
        case UInt8(ascii: "t"): try passWord("true")
        case UInt8(ascii: "f"): try passWord("false")
        case UInt8(ascii: "n"): try passWord("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try bareNumber()
        default: throw fault(.expectedValue)
        }
    }
}
