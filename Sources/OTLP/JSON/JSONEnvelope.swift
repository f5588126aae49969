// The envelope of an export in proto3 JSON, the same for all signals but for three keys:
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.11.0/opentelemetry/proto/metrics/v1/metrics.proto
//
//     { resourceMetrics: [ { resource: {…}, schemaUrl,
//                            scopeMetrics: [ { scope: {…}, schemaUrl, metrics: [ … ] } ] } ] }
//
// Keys come in any order, so that each part is entered into its table first and completed when its keys are read.
// Of a key given twice the last one wins (R-JSON-16): whatever the first one put into the tables is taken out again.
// Null means unset everywhere (R-JSON-13), and as an element of an array an empty message.
//
// What is not of its field's type costs the smallest part that can do without it (docs/decisions/0019); in the envelope
// itself it costs the export.

extension ExportBatch where Self: ~Copyable {
    mutating func decodeJSON(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) {
        do {
            var json = try JSONScanner(body, limits: limits)
            try decodeRequest(&json)
            try json.tokens.finish()
            losses.add(json.losses)
        } catch {
            throw DecodingFailure(error)
        }
    }

    private mutating func decodeRequest(_ json: inout JSONScanner) throws(JSONFault) {
        // Null is no message here: nothing was exported (as for an empty body).
        guard json.tokens.peekToken() == UInt8(ascii: "{"), try json.openObject() else {
            throw json.tokens.fault(.expectedObject)
        }
        let marks = itemMarks
        var contents = RequestContents(of: Self.envelopeKeys.resources.signal)
        while let key = try json.nextKey() {
            contents.note(key, json)
            guard key == Self.envelopeKeys.resources else {
                try json.skipValue()
                continue
            }
            resources.removeAll(keepingCapacity: true)
            scopes.removeAll(keepingCapacity: true)
            dropItems(from: marks)
            guard try json.openArray() else { continue }
            while try json.nextElement() { try decodeResource(&json) }
        }
        try contents.check()
    }

    private mutating func decodeResource(_ json: inout JSONScanner) throws(JSONFault) {
        let index = try row(resources.count, of: RawResource.self, &json)
        resources.append(RawResource(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
        let (scopeMark, marks) = (scopes.count, itemMarks)
        let scopesKey = Self.envelopeKeys.scopes
        guard try json.openObject() else { return }
        while let key = try json.nextKey() {
            switch key {
            case .resource: resources[Int(index)].bytes = try json.objectText()
            case .schemaURL: if try !json.leaveOutUnlessText() { _ = try json.tokens.stringOrNull() }
            case scopesKey:
                scopes.removeSubrange(scopeMark...)
                dropItems(from: marks)
                guard try json.openArray() else { continue }
                while try json.nextElement() { try decodeScope(&json, resource: index) }
            default: try json.skipValue()
            }
        }
    }

    private mutating func decodeScope(_ json: inout JSONScanner, resource: Int32) throws(JSONFault) {
        let index = try row(scopes.count, of: RawScope.self, &json)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        scopes.append(RawScope(resource: resource, bytes: nothing, schemaURL: nothing))
        let marks = itemMarks
        let itemsKey = Self.envelopeKeys.items
        guard try json.openObject() else { return }
        while let key = try json.nextKey() {
            switch key {
            case .scope: scopes[Int(index)].bytes = try json.objectText()
            case .schemaURL:
                if try !json.leaveOutUnlessText() { scopes[Int(index)].schemaURL = try decodeText(&json) }
            case itemsKey:
                dropItems(from: marks)
                guard try json.openArray() else { continue }
                while try json.nextElement() { try decodeItem(&json, scope: index) }
            default: try json.skipValue()
            }
        }
    }

    /// A string as it lies in the body, or in the arena if there are escapes in it.
    func decodeText(_ json: inout JSONScanner) throws(JSONFault) -> UnsafeRawBufferPointer {
        guard let text = try json.tokens.stringOrNull() else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard text.hasEscapes else { return UnsafeRawBufferPointer(text.bytes) }
        let target: UnsafeMutableRawBufferPointer
        do {
            target = try arena.allocate(text.count)
        } catch {
            throw json.exhaustion
        }
        let bytes = target.bindMemory(to: UInt8.self)
        guard let start = bytes.baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: start, count: text.unescape(into: start))
    }

    /// The index of the row that is appended next to a table of `count` rows.
    /// - Throws: `tooLarge` when there is no memory left for it.
    @inline(__always)
    private func row<Row>(_ count: Int, of type: Row.Type, _ json: inout JSONScanner) throws(JSONFault) -> Int32 {
        try json.spend(MemoryLayout<Row>.stride)
        guard let index = Int32(exactly: count) else { throw json.exhaustion }
        return index
    }
}

/// Whether a request contains its own signal, or another one's: then it was sent to the wrong path, where it would be
/// accepted as an empty export.
struct RequestContents {
    private let signal: Signal?
    private var isOurs = false
    private var fault: JSONFault?

    init(of signal: Signal?) { self.signal = signal }

    /// Takes note of a key at the top of the request, which the scanner has just read.
    mutating func note(_ key: JSONKey, _ json: JSONScanner) {
        guard let other = key.signal else { return }
        if other == signal { isOurs = true } else { fault = json.tokens.fault(.otherSignal(other)) }
    }

    /// - Throws: when the request holds nothing but another signal.
    func check() throws(JSONFault) {
        if !isOurs, let fault { throw fault }
    }
}
