internal import Bytes
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
        var writer = WireWriter()
        for attribute in attributes where keepsAll || Self.identity.contains(attribute.key) {
            if attribute.key == Self.serviceName, case .string(let name) = attribute.value { service = name }
            writer.field(1, attribute)
            guard isMarked, marks[attribute.key] > 0 else { continue }
            writer.field(1) { $0.mark(attribute.key, marks[attribute.key]) }
        }
        message = writer.bytes
    }
}
