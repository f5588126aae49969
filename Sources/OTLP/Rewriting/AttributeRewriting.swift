internal import Bytes
package import Settings

/// Changes attributes within an export and keeps every other byte, also of unknown fields.
///
/// What cannot be decoded cannot be changed either, and must not be forwarded unchanged: it may contain what must be
/// removed. An attribute is left out alone if possible, else its record, point or metric.
package struct AttributeRewriting {
    /// Changes the attributes of a resource, or of a log record, a span or a data point.
    package typealias Change = (inout [Attribute]) -> Void

    private let signal: Signal
    private let limits: DecodingLimits
    private let resource: Change
    private let record: Change
    private let changesRecords: Bool
    private var losses = DecodingLosses()

    /// - Parameter changesRecords: false: `record` changes nothing, so records are not decoded.
    package init(
        signal: Signal, limits: DecodingLimits, resource: @escaping Change, record: @escaping Change,
        changesRecords: Bool
    ) {
        self.signal = signal
        self.limits = limits
        self.resource = resource
        self.record = record
        self.changesRecords = changesRecords
    }

    /// The export as protobuf with its attributes changed, and what was left out of it.
    /// - Throws: when its envelope or a resource is malformed.
    package mutating func rewritten(
        _ body: UnsafeRawBufferPointer, as encoding: WireEncoding
    ) throws(DecodingFailure) -> (body: [UInt8], losses: DecodingLosses) {
        losses = DecodingLosses()
        switch encoding {
        case .protobuf: return (try export(body), losses)
        case .json:
            let protobuf = try ExportTranscoding.protobuf(ofJSON: body, signal: signal, limits: limits)
            losses = protobuf.losses
            let result = protobuf.body.withUnsafeBytes { bytes in
                Result { () throws(DecodingFailure) in try export(bytes) }
            }
            return (try result.get(), losses)
        }
    }

    private mutating func export(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
        try copy(bytes) { (rewriting, number, content) throws(DecodingFailure) in
            number == 1 ? .changed(try rewriting.resourceTelemetry(content)) : .kept
        }
    }

    /// `ResourceLogs` and those of other signals: field 1 is the resource, 2 a scope's telemetry.
    private mutating func resourceTelemetry(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
        var hasResource = false
        var writer = WireWriter()
        let content = try copy(bytes) { (rewriting, number, inner) throws(DecodingFailure) in
            switch number {
            case 1:
                hasResource = true
                return .changed(try rewriting.changed(inner, attributes: 1, by: rewriting.resource))
            case 2 where rewriting.changesRecords: return .changed(try rewriting.scopeTelemetry(inner))
            default: return .kept
            }
        }
        if !hasResource {
            let made = try changed(UnsafeRawBufferPointer(start: nil, count: 0), attributes: 1, by: resource)
            if !made.isEmpty { writer.field(1, made) }
        }
        writer.append(content)
        return writer.bytes
    }

    private mutating func scopeTelemetry(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
        try copy(bytes) { (rewriting, number, record) throws(DecodingFailure) in
            guard number == 2 else { return .kept }
            let part = rewriting.signal == .metrics ? ExportPart.metric : .record
            return try rewriting.orDropped(part) { (rewriting) throws(DecodingFailure) in
                try rewriting.changedRecord(record)
            }
        }
    }

    private mutating func changedRecord(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
        switch signal {
        case .logs: return try changed(bytes, attributes: 6, by: record)
        case .traces: return try changed(bytes, attributes: 9, by: record)
        case .metrics:
            return try copy(bytes) { (rewriting, kind, data) throws(DecodingFailure) in
                guard let attributes = Self.pointAttributes[kind] else { return .kept }
                return .changed(try rewriting.points(data, attributes: attributes))
            }
        }
    }

    /// The points of a gauge, a sum or another kind.
    private mutating func points(
        _ bytes: UnsafeRawBufferPointer, attributes: UInt32
    ) throws(DecodingFailure) -> [UInt8] {
        try copy(bytes) { (rewriting, number, point) throws(DecodingFailure) in
            guard number == 1 else { return .kept }
            return try rewriting.orDropped(.point) { (rewriting) throws(DecodingFailure) in
                try rewriting.changed(point, attributes: attributes, by: rewriting.record)
            }
        }
    }

    /// The field of a `Metric` with its data, and the field of its points with their attributes.
    private static let pointAttributes: [UInt32: UInt32] = [5: 7, 7: 7, 9: 9, 10: 1, 11: 7]

    /// A part that was changed, or is lost because it cannot be decoded.
    private mutating func orDropped(
        _ part: ExportPart, _ change: (inout AttributeRewriting) throws(DecodingFailure) -> [UInt8]
    ) throws(DecodingFailure) -> Outcome {
        do throws(DecodingFailure) {
            return .changed(try change(&self))
        } catch {
            guard error.isOfPart || error == .notText else { throw error }
            losses.note(part, error)
            return .dropped
        }
    }

    /// A message with the attributes in the field of this number changed; they move to its end.
    private mutating func changed(
        _ bytes: UnsafeRawBufferPointer, attributes number: UInt32, by change: Change
    ) throws(DecodingFailure) -> [UInt8] {
        // A run of the same attributes, in the format of the reader.
        var found = WireWriter()
        let rest = try copy(bytes) { (_, field, content) throws(DecodingFailure) in
            guard field == number else { return .kept }
            found.field(1, content)
            return .dropped
        }
        let limits = limits
        // A string that is not UTF-8 is kept: it costs no other attribute.
        let decoded = found.bytes.withUnsafeBytes { raw in
            Result { () throws(DecodingFailure) in try ProtobufAttributes.attributes(ofRun: raw, limits: limits) }
        }
        let read = try decoded.get()
        losses.add(read.losses)
        var attributes = read.content
        change(&attributes)
        var writer = WireWriter()
        writer.append(rest)
        for attribute in attributes { writer.field(number, attribute) }
        return writer.bytes
    }

    /// What happens to a field of bytes.
    private enum Outcome {
        case kept
        case changed([UInt8])
        case dropped
    }

    /// Copies a message field by field.
    private mutating func copy(
        _ bytes: UnsafeRawBufferPointer,
        _ outcome: (inout AttributeRewriting, UInt32, UnsafeRawBufferPointer) throws(DecodingFailure) -> Outcome
    ) throws(DecodingFailure) -> [UInt8] {
        var writer = WireWriter()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { return writer.bytes }
            if field.type == .lengthDelimited {
                let content = try scanner.bytes()
                switch try outcome(&self, field.number, content) {
                case .kept: break
                case .changed(let changed):
                    writer.field(field.number, changed)
                    continue
                case .dropped: continue
                }
            } else {
                try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
            writer.append(UnsafeRawBufferPointer(start: start, count: scanner.position - start))
        }
    }
}
