/// Changes attributes within an export and leaves every other byte as it is, also fields that are not known here.
package struct AttributeRewriting {
    /// Changes the attributes of a resource, or of a log record, a span or a data point.
    package typealias Change = (inout [Attribute]) -> Void

    private let signal: Signal
    private let limits: DecodingLimits
    private let resource: Change
    private let record: Change
    private let changesRecords: Bool

    /// - Parameter changesRecords: false: `record` changes nothing, so records are not even looked at.
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

    /// The export as protobuf with its attributes changed.
    /// - Throws: when it is malformed as far as it is looked at.
    package func rewritten(
        _ body: UnsafeRawBufferPointer, as encoding: WireEncoding
    ) throws(DecodingFailure) -> [UInt8] {
        switch encoding {
        case .protobuf:
            return try copy(body) { (number, resource) throws(DecodingFailure) in
                number == 1 ? try self.resourceTelemetry(resource) : nil
            }
        case .json:
            let protobuf = try ExportTranscoding.protobuf(ofJSON: body, signal: signal, limits: limits)
            let result = protobuf.withUnsafeBytes { bytes in
                Result { () throws(DecodingFailure) in try rewritten(bytes, as: .protobuf) }
            }
            return try result.get()
        }
    }

    /// `ResourceLogs` and its sisters: field 1 is the resource, 2 a scope's telemetry.
    private func resourceTelemetry(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
        var hasResource = false
        var writer = MessageWriter()
        let content = try copy(bytes) { (number, inner) throws(DecodingFailure) in
            switch number {
            case 1:
                hasResource = true
                return try self.changed(inner, attributes: 1, by: self.resource)
            case 2 where self.changesRecords:
                return try self.copy(inner) { (number, record) throws(DecodingFailure) in
                    number == 2 ? try self.changedRecord(record) : nil
                }
            default: return nil
            }
        }
        if !hasResource {
            let made = try changed(UnsafeRawBufferPointer(start: nil, count: 0), attributes: 1, by: resource)
            if !made.isEmpty { writer.field(1, made) }
        }
        writer.append(content)
        return writer.bytes
    }

    private func changedRecord(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
        switch signal {
        case .logs: return try changed(bytes, attributes: 6, by: record)
        case .traces: return try changed(bytes, attributes: 9, by: record)
        case .metrics:
            return try copy(bytes) { (kind, data) throws(DecodingFailure) in
                guard let attributes = Self.pointAttributes[kind] else { return nil }
                return try self.copy(data) { (number, point) throws(DecodingFailure) in
                    number == 1 ? try self.changed(point, attributes: attributes, by: self.record) : nil
                }
            }
        }
    }

    /// The field of a `Metric` that holds its data, and the one of its points that holds their attributes.
    private static let pointAttributes: [UInt32: UInt32] = [5: 7, 7: 7, 9: 9, 10: 1, 11: 7]

    /// A message whose attributes are in the field of this number, with them changed, in their place at its end.
    private func changed(
        _ bytes: UnsafeRawBufferPointer, attributes number: UInt32, by change: Change
    ) throws(DecodingFailure) -> [UInt8] {
        // A `Resource` of the same attributes, which the reader knows.
        var found = MessageWriter()
        var rest = try copy(bytes) { (field, content) throws(DecodingFailure) in
            guard field == number else { return nil }
            found.field(1, content)
            return []
        } dropsEmptied: {
            $0 == number
        }
        let reader = AttributeReader(encoding: .protobuf, limits: limits)
        let decoded = found.bytes.withUnsafeBytes { raw in
            Result { () throws(DecodingFailure) in try reader.resource(raw).attributes }
        }
        var attributes = try decoded.get()
        change(&attributes)
        var writer = MessageWriter()
        for attribute in attributes { writer.attribute(attribute, field: number) }
        rest.append(contentsOf: writer.bytes)
        return rest
    }

    /// Copies a message field by field.
    /// - Parameters:
    ///   - change: the new content of a field of bytes; nil leaves it as it is.
    ///   - dropsEmptied: whether such a field is left out.
    private func copy(
        _ bytes: UnsafeRawBufferPointer,
        _ change: (UInt32, UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8]?,
        dropsEmptied: (UInt32) -> Bool = { _ in false }
    ) throws(DecodingFailure) -> [UInt8] {
        var writer = MessageWriter()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { return writer.bytes }
            if field.type == .lengthDelimited {
                let content = try scanner.bytes()
                if let changed = try change(field.number, content) {
                    if !dropsEmptied(field.number) { writer.field(field.number, changed) }
                    continue
                }
            } else {
                try scanner.skip(field, depth: limits.depth)
            }
            writer.append(UnsafeRawBufferPointer(start: start, count: scanner.position - start))
        }
    }
}
