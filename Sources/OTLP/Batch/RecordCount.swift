package import Settings

/// The size of an export, counted without decoding a record.
package struct RecordCount: Equatable, Sendable {
    /// `ResourceLogs`, `ResourceSpans` or `ResourceMetrics`.
    package var resources = 0
    /// Log records, spans or data points.
    package var records = 0
    private let isMetrics: Bool

    /// - Parameters:
    ///   - body: an `ExportLogsServiceRequest` or that of another signal; read only during the call.
    ///   - signal: the signal of the export.
    ///   - limits: the maximum nesting.
    /// - Throws: when the part that is read is malformed.
    package init(
        _ body: UnsafeRawBufferPointer, of signal: Signal, as encoding: WireEncoding,
        limits: DecodingLimits = DecodingLimits()
    ) throws(DecodingFailure) {
        isMetrics = signal == .metrics
        switch encoding {
        case .protobuf:
            if let refusal = OtherSignal.protobufRefusal(of: body, sentAs: signal) { throw refusal }
            try countProtobuf(body, depth: limits.maxAttributeDepth)
        case .json: try countJSON(body, of: signal, limits: limits)
        }
    }

    /// The field with the next level, in the request, in a resource's telemetry and in a scope's; the same numbers in
    /// all three signals.
    private static let resourceField: UInt32 = 1
    private static let scopeField: UInt32 = 2
    private static let recordField: UInt32 = 2

    private mutating func countProtobuf(_ body: UnsafeRawBufferPointer, depth: Int) throws(DecodingFailure) {
        var request = WireScanner(body)
        while let resource = try request.next(Self.resourceField, depth: depth) {
            resources += 1
            var telemetry = WireScanner(resource)
            while let scope = try telemetry.next(Self.scopeField, depth: depth) {
                var scopeTelemetry = WireScanner(scope)
                while let record = try scopeTelemetry.next(Self.recordField, depth: depth) {
                    records += isMetrics ? try Self.points(in: record, depth: depth) : 1
                }
            }
        }
    }

    /// The data points of a `Metric`: field 1 of its gauge, sum, histogram, exponential histogram or summary.
    private static func points(in metric: UnsafeRawBufferPointer, depth: Int) throws(DecodingFailure) -> Int {
        var count = 0
        var fields = WireScanner(metric)
        while let field = try fields.nextField() {
            guard [5, 7, 9, 10, 11].contains(field.number), field.type == .lengthDelimited else {
                try fields.skip(field, depth: depth)
                continue
            }
            var data = WireScanner(try fields.bytes())
            while try data.next(1, depth: depth) != nil { count += 1 }
        }
        return count
    }

    /// The keys of the next levels, from the request inwards.
    private static func keys(of signal: Signal) -> [[UInt8]] {
        let names =
            switch signal {
            case .logs: ["resourceLogs", "scopeLogs", "logRecords"]
            case .traces: ["resourceSpans", "scopeSpans", "spans"]
            case .metrics: ["resourceMetrics", "scopeMetrics", "metrics"]
            }
        return names.map { Array($0.utf8) }
    }

    private mutating func countJSON(
        _ body: UnsafeRawBufferPointer, of signal: Signal, limits: DecodingLimits
    ) throws(DecodingFailure) {
        do {
            var json = try JSONScanner(body, limits: limits)
            var contents = RequestContents(of: signal)
            try count(&json, Self.keys(of: signal)[...], &contents)
            try contents.check()
            try json.tokens.finish()
        } catch {
            throw DecodingFailure(error)
        }
    }

    /// - Parameter keys: those of this level and of the levels below it.
    private mutating func count(
        _ json: inout JSONScanner, _ keys: ArraySlice<[UInt8]>, _ contents: inout RequestContents
    ) throws(JSONFault) {
        guard try json.openObject() else { return }
        let isTop = keys.startIndex == 0
        while try json.nextMember() {
            let text = try json.tokens.string()
            let key = JSONToProtobuf.key(of: text)
            try json.passColon()
            if isTop { contents.note(JSONKey(text), json) }
            guard key == keys.first else {
                try json.skipValue()
                continue
            }
            guard try json.openArray() else { continue }
            while try json.nextElement() {
                if isTop { resources += 1 }
                if keys.count > 1 {
                    try count(&json, keys.dropFirst(), &contents)
                } else if isMetrics {
                    records += try json.passMetric()
                } else {
                    records += 1
                    try json.skipValue()
                }
            }
        }
    }
}

extension JSONScanner {
    /// Skips a metric, whatever is wrong with it except its syntax.
    /// - Returns: its data points: elements of `dataPoints` in any member.
    mutating func passMetric() throws(JSONFault) -> Int {
        var count = 0
        guard tokens.peekToken() == UInt8(ascii: "{"), try openObject() else {
            try skipValue()
            return 0
        }
        while try nextMember() {
            _ = try tokens.string()
            try passColon()
            guard tokens.peekToken() == UInt8(ascii: "{"), try openObject() else {
                try skipValue()
                continue
            }
            while try nextMember() {
                let key = try tokens.string()
                try passColon()
                guard JSONKey(key) == .dataPoints, tokens.peekToken() == UInt8(ascii: "["), try openArray() else {
                    try skipValue()
                    continue
                }
                while try nextElement() {
                    count += 1
                    try skipValue()
                }
            }
        }
        return count
    }
}

extension WireScanner {
    /// The bytes of the next field of this number; others are skipped. Nil at the end.
    fileprivate mutating func next(
        _ number: UInt32, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer? {
        while let field = try nextField() {
            if field.number == number, field.type == .lengthDelimited { return try bytes() }
            try skip(field, depth: depth)
        }
        return nil
    }
}
