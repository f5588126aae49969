package import OTLP

/// The identity of a stream, decoded: everything that distinguishes it from others (R-DM-01).
package struct StreamIdentity: Sendable {
    package var resource: Resource
    package var scope: Scope
    package var metric: MetricIdentity
    /// The point's attributes: sorted by key bytes, empty keys left out, of equal keys the last one.
    package var attributes: [Attribute]

    package init(resource: Resource, scope: Scope, metric: MetricIdentity, attributes: [Attribute]) {
        self.resource = resource
        self.scope = scope
        self.metric = metric
        self.attributes = attributes
    }
}

/// The part of a metric's header that identifies its streams.
package struct MetricIdentity: Equatable, Sendable {
    /// UTF-8.
    package var name: [UInt8]
    /// UTF-8.
    package var unit: [UInt8]
    package var kind: MetricKind
    package var temporality: Temporality
    package var isMonotonic: Bool
    /// The type that the metadata `prometheus.type` gives a gauge (R-TYPE-01); nil without it.
    package var metadataType: FamilyType?

    package init(name: [UInt8], unit: [UInt8], kind: MetricKind, temporality: Temporality, isMonotonic: Bool) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.temporality = temporality
        self.isMonotonic = isMonotonic
    }
}

extension MetricIdentity {
    /// The type of a gauge by its metadata. The specification spells `unkown` in one place, so senders may, too.
    package static func metadataType(in metadata: [Attribute]) -> FamilyType? {
        let key = Array("prometheus.type".utf8)
        guard case .string(let text)? = metadata.last(where: { $0.key == key })?.value else { return nil }
        switch String(decoding: text, as: UTF8.self) {
        case "unknown", "unkown": return .unknown
        case "info": return .info
        case "stateset": return .stateset
        default: return nil
        }
    }
}
