internal import OTLP

/// The resource of events; their metrics have the same one.
struct EventResource {
    /// The `Resource` message.
    var message: [UInt8] = []
    /// service.name; empty without one.
    var service: [UInt8] = []

    private static let serviceName = Array("service.name".utf8)
    /// The attributes of `job` and `instance`.
    private static let identity = [
        serviceName, Array("service.namespace".utf8), Array("service.instance.id".utf8),
    ]

    /// Nil if an attribute is not valid text.
    init?(
        _ raw: RawResource, _ reader: AttributeReader, keepsAll: Bool, isMarked: Bool, _ losses: inout DecodingLosses
    ) throws(DecodingFailure) {
        guard let resource = try reader.resourceIfText(raw.bytes, losses: &losses) else { return nil }
        self.init(resource, keepsAll: keepsAll, isMarked: isMarked)
    }

    /// - Parameters:
    ///   - keepsAll: see `EventSettings.keepsResource`.
    ///   - isMarked: the collector itself has set the `HashMarks` among the attributes; otherwise they are left out.
    init(_ resource: Resource, keepsAll: Bool, isMarked: Bool = false) {
        var attributes = resource.attributes
        let marks = HashMarks.take(from: &attributes)
        for attribute in attributes where keepsAll || Self.identity.contains(attribute.key) {
            if attribute.key == Self.serviceName, case .string(let name) = attribute.value { service = name }
            WireWriter.bytes(1, Self.keyValue(attribute), to: &message)
            guard isMarked, marks[attribute.key] > 0 else { continue }
            message.append(1 << 3 | 2)
            WireWriter.mark(attribute.key, marks[attribute.key], to: &message)
        }
    }

    private static func keyValue(_ attribute: Attribute) -> [UInt8] {
        var bytes: [UInt8] = []
        WireWriter.bytes(1, attribute.key, to: &bytes)
        WireWriter.bytes(2, anyValue(attribute.value), to: &bytes)
        return bytes
    }

    /// The reader limits the depth.
    private static func anyValue(_ value: AttributeValue) -> [UInt8] {
        var bytes: [UInt8] = []
        switch value {
        case .empty: break
        case .string(let text): WireWriter.bytes(1, text, to: &bytes)
        case .bool(let flag): WireWriter.varint(2, flag ? 1 : 0, to: &bytes)
        case .int(let number): WireWriter.varint(3, UInt64(bitPattern: number), to: &bytes)
        case .double(let number): WireWriter.fixed64(4, number.bitPattern, to: &bytes)
        case .bytes(let content): WireWriter.bytes(7, content, to: &bytes)
        case .array(let elements):
            var list: [UInt8] = []
            for element in elements { WireWriter.bytes(1, anyValue(element), to: &list) }
            WireWriter.bytes(5, list, to: &bytes)
        case .keyValues(let entries):
            var list: [UInt8] = []
            for entry in entries { WireWriter.bytes(1, keyValue(entry), to: &list) }
            WireWriter.bytes(6, list, to: &bytes)
        }
        return bytes
    }
}
