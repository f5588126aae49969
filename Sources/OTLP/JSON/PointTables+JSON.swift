internal import Bytes

// Data points in proto3 JSON. What all kinds have in common:
//
//     { attributes: […], startTimeUnixNano, timeUnixNano, flags, exemplars: [ … ] }

extension PointTables {
    /// `NumberDataPoint`: the common keys and asInt | asDouble.
    @inline(__always)
    mutating func decodeNumberPoint(_ json: inout JSONScanner) throws(JSONFault) -> NumberDataPoint {
        var point = NumberDataPoint()
        guard try json.openObject() else { return point }
        while let key = try json.nextKey() {
            switch key {
            case .attributes: point.attributes = try json.attributesText()
            case .startTimeUnixNano: point.startTime = try json.tokens.unsigned64() ?? 0
            case .timeUnixNano: point.time = try json.tokens.unsigned64() ?? 0
            case .asDouble, .asInt: try json.tokens.numberValue(key, &point.value)
            case .flags: point.flags = try json.tokens.flags()
            case .exemplars: point.exemplars = try decodeExemplars(&json)
            default: try json.skipValue()
            }
        }
        return point
    }

    /// An array of `Exemplar`; those of an earlier array under the same key are replaced (R-JSON-16).
    @inline(never)
    mutating func decodeExemplars(_ json: inout JSONScanner) throws(JSONFault) -> Range<Int32> {
        var range: Range<Int32> = 0..<0
        guard try json.openList(of: .exemplar) else { return range }
        while try json.nextElement() {
            try json.spend(MemoryLayout<Exemplar>.stride)
            let place = json.place
            let exemplar: Exemplar
            do throws(JSONFault) {
                exemplar = try decodeExemplar(&json)
            } catch {
                try json.leaveOut(.exemplar, from: place, error)
                continue
            }
            do {
                try append(exemplar, to: &range)
            } catch {
                throw json.exhaustion
            }
        }
        return range
    }

    /// `Exemplar`: { timeUnixNano, asInt | asDouble, traceId, spanId, filteredAttributes: […] }.
    private func decodeExemplar(_ json: inout JSONScanner) throws(JSONFault) -> Exemplar {
        var exemplar = Exemplar()
        guard try json.openObject() else { return exemplar }
        while let key = try json.nextKey() {
            switch key {
            case .timeUnixNano: exemplar.time = try json.tokens.unsigned64() ?? 0
            case .asDouble, .asInt: try json.tokens.numberValue(key, &exemplar.value)
            case .traceID: exemplar.traceID = try decodeIdentifier(&json, byteCount: 16)
            case .spanID: exemplar.spanID = try decodeIdentifier(&json, byteCount: 8)
            case .filteredAttributes: exemplar.filteredAttributes = try json.attributesText()
            default: try json.skipValue()
            }
        }
        return exemplar
    }

    /// A trace or span id in hexadecimal, decoded into the arena; empty if absent, all zero, or invalid; an invalid one
    /// is left out (R-JSON-03, R-JSON-04, R-EX-01).
    private func decodeIdentifier(
        _ json: inout JSONScanner, byteCount: Int
    ) throws(JSONFault) -> UnsafeRawBufferPointer {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let isText = json.tokens.peekToken() == UInt8(ascii: "\"")
        let place = json.tokens.fault(.identifier)
        guard isText else {
            if try !json.tokens.takeNull() { try json.leaveOut(.identifier, from: json.place, place) }
            return nothing
        }
        let text = try json.tokens.string()
        guard text.count > 0 else { return nothing }
        let target: UnsafeMutableRawBufferPointer
        do {
            target = try arena.allocate(byteCount)
        } catch {
            throw json.exhaustion
        }
        let isIdentifier = text.withMeaning { digits in
            guard digits.count == 2 * byteCount else { return false }
            for index in 0..<byteCount {
                guard let high = Hexadecimal.value(of: digits[2 * index]),
                    let low = Hexadecimal.value(of: digits[2 * index + 1])
                else { return false }
                target[index] = high << 4 | low
            }
            return true
        }
        guard isIdentifier else {
            json.note(.identifier, place)
            return nothing
        }
        return target.contains { $0 != 0 } ? UnsafeRawBufferPointer(target) : nothing
    }
}

extension JSONTokens {
    /// A member of the `value` oneof: the last one given wins (R-JSON-15).
    ///
    /// `asInt: null` is refused as by the Collector. JavaScript exporters write NaN as `asDouble: null`: it unsets the
    /// value, so that only this point is rejected.
    @inline(__always)
    mutating func numberValue(_ key: JSONKey, _ value: inout NumberValue) throws(JSONFault) {
        if key == .asInt {
            guard peekToken() != UInt8(ascii: "n"), let number = try integer(as: Int64.self) else {
                throw fault(.expectedInteger)
            }
            value = .int(number)
        } else if let number = try double() {
            value = .double(number)
        } else if case .double = value {
            value = .missing
        }
    }

    /// `flags`, which the Collector does not take as null.
    mutating func flags() throws(JSONFault) -> UInt32 {
        guard peekToken() != UInt8(ascii: "n"), let flags = try integer(as: UInt32.self) else {
            throw fault(.expectedInteger)
        }
        return flags
    }
}
