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
        if try json.openObject() {
            while let key = try json.nextKey() {
                switch key {
                case .attributes: record.attributes = try json.attributesText()
                case .timeUnixNano: record.time = try json.unsigned64() ?? 0
                case .observedTimeUnixNano: record.observedTime = try json.unsigned64() ?? 0
                case .eventName: record.eventName = try text(try json.stringOrNull().map { LogText($0) }, json)
                case .body:
                    let body = try json.logValue()
                    if case .string(let given) = body { record.body = try text(given, json) }
                default: try json.skipValue()
                }
            }
        }
        records.append(record)
    }

    /// Longer texts name no event, so what their escapes mean does not matter, bytes. 1 KiB.
    private static let nameLimit = 1024

    /// A string as it lies in the body, or in the arena if it is short and there are escapes in it.
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
