// ExportLogsServiceRequest in proto3 JSON, as far as events are made of it:
//
//     { resourceLogs: [ { resource: {…}, scopeLogs: [ { scope: {…}, schemaUrl, logRecords: [
//         { timeUnixNano, observedTimeUnixNano, eventName, body: {…}, attributes: […] } ] } ] } ] }
//
// The rules for keys, null and keys given twice are those of MetricsBatch+JSON.

extension LogsBatch {
    mutating func decodeJSON(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) {
        do {
            var json = try JSONScanner(body, limits: limits)
            try decodeRequest(&json)
            try json.finish()
        } catch {
            throw DecodingFailure(error)
        }
    }

    private mutating func decodeRequest(_ json: inout JSONScanner) throws(JSONFault) {
        // Null is no message here: nothing was exported (as for an empty body).
        guard json.peekToken() == UInt8(ascii: "{"), try json.openObject() else { throw json.fault(.expectedObject) }
        while let key = try json.nextKey() {
            guard key == .resourceLogs else {
                try json.skipValue()
                continue
            }
            resources.removeAll(keepingCapacity: true)
            drop(scopes: 0, records: 0)
            guard try json.openArray() else { continue }
            while try json.nextElement() { try decodeResourceLogs(&json) }
        }
    }

    private mutating func decodeResourceLogs(_ json: inout JSONScanner) throws(JSONFault) {
        try json.spend(MemoryLayout<RawResource>.stride)
        let index = resources.count
        resources.append(RawResource(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
        let (scopeMark, recordMark) = (scopes.count, records.count)
        guard try json.openObject() else { return }
        while let key = try json.nextKey() {
            switch key {
            case .resource: resources[index].bytes = try json.objectText()
            case .schemaURL: _ = try json.stringOrNull()
            case .scopeLogs:
                drop(scopes: scopeMark, records: recordMark)
                guard try json.openArray() else { continue }
                while try json.nextElement() { try decodeScopeLogs(&json, resource: Int32(index)) }
            default: try json.skipValue()
            }
        }
    }

    private mutating func decodeScopeLogs(_ json: inout JSONScanner, resource: Int32) throws(JSONFault) {
        try json.spend(MemoryLayout<RawScope>.stride)
        let index = scopes.count
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        scopes.append(RawScope(resource: resource, bytes: nothing, schemaURL: nothing))
        let mark = records.count
        guard try json.openObject() else { return }
        while let key = try json.nextKey() {
            switch key {
            case .scope: scopes[index].bytes = try json.objectText()
            case .schemaURL: _ = try json.stringOrNull()
            case .logRecords:
                drop(scopes: scopes.count, records: mark)
                guard try json.openArray() else { continue }
                while try json.nextElement() { try decodeLogRecord(&json, scope: Int32(index)) }
            default: try json.skipValue()
            }
        }
    }

    private mutating func decodeLogRecord(_ json: inout JSONScanner, scope: Int32) throws(JSONFault) {
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

    private mutating func drop(scopes scopeMark: Int, records recordMark: Int) {
        scopes.removeSubrange(scopeMark...)
        records.removeSubrange(recordMark...)
    }
}
