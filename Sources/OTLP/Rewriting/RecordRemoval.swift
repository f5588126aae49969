internal import Bytes
package import Settings

/// Takes log records, spans and data points out of an export and leaves every other byte as it is, also fields that are
/// not known here. What holds nothing any more goes as well: a metric, a scope's telemetry, a resource.
package struct RecordRemoval {
    /// Whether a record goes, by the attributes of its resource and by its own. Strings may be other than UTF-8.
    package typealias Condition = (_ resource: [Attribute], _ record: [Attribute]) -> Bool

    private let signal: Signal
    private let limits: DecodingLimits
    private let rule: Rule
    /// Number of records that were examined.
    private var seen = 0
    /// Number of records to remove.
    private var removed = 0

    private enum Rule {
        case meant(Condition)
        /// Records at other positions, counted from 0, are removed.
        case besides(Range<Int>)
    }

    /// Removes records from an export.
    /// - Returns: the rest as protobuf, empty if nothing is left, and the number of removed records; nil if none
    ///   matches.
    /// - Throws: when the part that is read is malformed.
    package static func rest(
        of body: UnsafeRawBufferPointer, as encoding: WireEncoding, _ signal: Signal, limits: DecodingLimits,
        without isMeant: @escaping Condition
    ) throws(DecodingFailure) -> (body: [UInt8], removed: Int)? {
        var removal = RecordRemoval(signal: signal, limits: limits, rule: .meant(isMeant))
        let rest: [UInt8]?
        switch encoding {
        case .protobuf: rest = try removal.export(body)
        case .json:
            let protobuf = try ExportTranscoding.protobuf(ofJSON: body, signal: signal, limits: limits).body
            let result = protobuf.withUnsafeBytes { bytes in
                Result { () throws(DecodingFailure) in try removal.export(bytes) }
            }
            rest = try result.get()
        }
        return removal.removed > 0 ? (rest ?? [], removal.removed) : nil
    }

    /// The records of an export at these positions, counted from 0 in order, with their resources and scopes.
    /// - Parameter body: protobuf; read only during the call.
    /// - Returns: an export, and its number of records.
    /// - Throws: when the part that is read is malformed.
    package static func records(
        at positions: Range<Int>, of body: UnsafeRawBufferPointer, _ signal: Signal, limits: DecodingLimits
    ) throws(DecodingFailure) -> (body: [UInt8], records: Int) {
        var removal = RecordRemoval(signal: signal, limits: limits, rule: .besides(positions))
        let rest = try removal.export(body)
        return (rest ?? [], removal.seen - removal.removed)
    }

    private init(signal: Signal, limits: DecodingLimits, rule: Rule) {
        self.signal = signal
        self.limits = limits
        self.rule = rule
    }

    private mutating func export(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8]? {
        try filtered(bytes) { (removal, number, content) throws(DecodingFailure) in
            number == 1 ? .of(try removal.resourceTelemetry(content)) : .other
        }
    }

    /// `ResourceLogs` and those of other signals: field 1 is the resource, which may come after its records.
    private mutating func resourceTelemetry(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8]? {
        var resource: [Attribute] = []
        if case .meant = rule { resource = try attributes(in: bytes, field: 1, nested: true) }
        return try filtered(bytes) { (removal, number, scope) throws(DecodingFailure) in
            guard number == 2 else { return .other }
            return .of(
                try removal.filtered(scope) { (removal, number, record) throws(DecodingFailure) in
                    number == 2 ? try removal.record(record, resource) : .other
                })
        }
    }

    private mutating func record(
        _ bytes: UnsafeRawBufferPointer, _ resource: [Attribute]
    ) throws(DecodingFailure) -> Outcome {
        switch signal {
        case .logs: return try decided(bytes, attributes: 6, resource)
        case .traces: return try decided(bytes, attributes: 9, resource)
        case .metrics:
            return .of(
                try filtered(bytes) { (removal, kind, data) throws(DecodingFailure) in
                    guard let attributes = Self.pointAttributes[kind] else { return .other }
                    return .of(
                        try removal.filtered(data) { (removal, number, point) throws(DecodingFailure) in
                            number == 1 ? try removal.decided(point, attributes: attributes, resource) : .other
                        })
                })
        }
    }

    /// The field of a `Metric` with its data, and the field of its points with their attributes.
    private static let pointAttributes: [UInt32: UInt32] = [5: 7, 7: 7, 9: 9, 10: 1, 11: 7]

    private mutating func decided(
        _ bytes: UnsafeRawBufferPointer, attributes number: UInt32, _ resource: [Attribute]
    ) throws(DecodingFailure) -> Outcome {
        defer { seen += 1 }
        switch rule {
        case .meant(let isMeant):
            guard isMeant(resource, try attributes(in: bytes, field: number, nested: false)) else { return .kept }
        case .besides(let positions):
            guard !positions.contains(seen) else { return .kept }
        }
        removed += 1
        return .gone
    }

    /// The attributes in the field of this number: each field one attribute, or `nested` in a `Resource`.
    private func attributes(
        in bytes: UnsafeRawBufferPointer, field number: UInt32, nested: Bool
    ) throws(DecodingFailure) -> [Attribute] {
        var found = WireWriter()
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            guard field.number == number, field.type == .lengthDelimited else {
                try scanner.skip(field, depth: limits.maxAttributeDepth)
                continue
            }
            // Parts of one resource are merged by concatenation.
            if nested { found.append(try scanner.bytes()) } else { found.field(1, try scanner.bytes()) }
        }
        let limits = limits
        let decoded = found.bytes.withUnsafeBytes { raw in
            Result { () throws(DecodingFailure) in
                try ProtobufAttributes.resource(raw, limits: limits).content.attributes
            }
        }
        return try decoded.get()
    }
}

// MARK: - Copying

extension RecordRemoval {
    /// What happens to a field.
    private enum Outcome {
        /// Contains no records: it is kept.
        case other
        /// A record, or a message with records, that is kept unchanged.
        case kept
        case gone
        case changed([UInt8])

        /// For a field with records; nil: all of them were removed.
        static func of(_ rest: [UInt8]?) -> Outcome { rest.map { .changed($0) } ?? .gone }
    }

    /// Copies a message field by field.
    /// - Returns: nil if it had records, or messages with records, and all of them were removed.
    private mutating func filtered(
        _ bytes: UnsafeRawBufferPointer,
        _ decide: (inout RecordRemoval, UInt32, UnsafeRawBufferPointer) throws(DecodingFailure) -> Outcome
    ) throws(DecodingFailure) -> [UInt8]? {
        var writer = WireWriter()
        var scanner = WireScanner(bytes)
        var (hasGone, hasKept) = (false, false)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            guard field.type == .lengthDelimited else {
                try scanner.skip(field, depth: limits.maxAttributeDepth)
                writer.append(UnsafeRawBufferPointer(start: start, count: scanner.position - start))
                continue
            }
            switch try decide(&self, field.number, try scanner.bytes()) {
            case .gone:
                hasGone = true
                continue
            case .changed(let content):
                hasKept = true
                writer.field(field.number, content)
                continue
            case .kept: hasKept = true
            case .other: break
            }
            writer.append(UnsafeRawBufferPointer(start: start, count: scanner.position - start))
        }
        return hasGone && !hasKept ? nil : writer.bytes
    }
}
