// LogRecord in proto3 JSON, as far as events are made of it:
//
//     { timeUnixNano, observedTimeUnixNano, eventName, body: {…}, attributes: […] }

extension LogsBatch {
    static var envelopeKeys: (resources: JSONKey, scopes: JSONKey, items: JSONKey) {
        (.resourceLogs, .scopeLogs, .logRecords)
    }

    var itemMarks: Int { records.count }

    mutating func dropItems(from mark: Int) { records.removeSubrange(mark...) }

    mutating func decodeItem(_ json: inout JSONScanner, scope: Int32) throws(JSONFault) {
        try json.spend(MemoryLayout<LogRecord>.stride)
        var record = LogRecord(scope: scope)
        let place = json.place
        do throws(JSONFault) {
            try decode(&record, &json)
        } catch {
            return try json.leaveOut(.record, from: place, error)
        }
        records.append(record)
    }

    /// A record counts without a field that cannot be decoded.
    private func decode(_ record: inout LogRecord, _ json: inout JSONScanner) throws(JSONFault) {
        guard try json.openObject() else { return }
        while let key = try json.nextKey() {
            switch key {
            case .attributes: record.attributes = try json.attributesText()
            case .timeUnixNano: record.time = try json.timeOrLeftOut()
            case .observedTimeUnixNano: record.observedTime = try json.timeOrLeftOut()
            case .eventName:
                guard try !json.leaveOutUnlessText() else { continue }
                record.eventName = try text(try json.tokens.stringOrNull().map { LogText($0) }, json)
            case .body:
                let body = try json.orLeftOut(.field) { json throws(JSONFault) in try json.logValue() }
                if case .string(let given)? = body { record.body = try text(given, json) }
            default: try json.skipValue()
            }
        }
    }

    /// Longer texts are not names of events, so they need not be unescaped, bytes. 1 KiB.
    private static let nameLimit = 1024

    /// A string in the body, or in the arena if it is short and contains escapes.
    private func text(_ given: LogText?, _ json: JSONScanner) throws(JSONFault) -> UnsafeRawBufferPointer {
        guard let given else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard given.hasEscapes, given.raw.count <= Self.nameLimit, let start = given.raw.baseAddress else {
            return given.raw
        }
        do {
            let target = try arena.allocate(given.raw.count)
            let escaped = JSONText(
                start: start.assumingMemoryBound(to: UInt8.self), count: given.raw.count, hasEscapes: true)
            guard let first = target.bindMemory(to: UInt8.self).baseAddress else { return given.raw }
            return UnsafeRawBufferPointer(start: first, count: escaped.unescape(into: first))
        } catch {
            throw json.exhaustion
        }
    }
}

extension JSONScanner {
    /// A time; 0 for null and for anything invalid, which is left out.
    fileprivate mutating func timeOrLeftOut() throws(JSONFault) -> UnixNanoseconds {
        (try orLeftOut(.field) { json throws(JSONFault) in try json.tokens.unsigned64() } ?? nil) ?? 0
    }
}
