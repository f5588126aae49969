internal import OTLP

/// Finds the records of resources, scopes and metrics by their raw bytes, and decodes only new ones.
struct IdentityResolver {
    /// Bytes of a resource, a scope or a metric's header.
    private let limit: Int
    /// Buffer for raw bytes, reused.
    private var scratch: [UInt8] = []

    /// - Parameter limit: bytes of a resource, a scope or a metric's header; longer ones are rejected.
    init(limit: Int) { self.limit = limit }

    /// - Throws: `malformed` when a resource that was not seen before cannot be decoded.
    mutating func resolve(
        _ raw: RawResource, in identities: inout Identities, reader: AttributeReader, encoding: WireEncoding,
        losses: inout DecodingLosses
    ) throws(DecodingFailure) -> Identities.Lookup<Resource> {
        guard raw.bytes.count <= limit else { return .rejected(.identityLimit) }
        if let known = identities.findResource(raw.bytes, encoding: encoding) { return .known(known) }
        guard let resource = try reader.resourceIfText(raw.bytes, losses: &losses) else {
            return .rejected(.invalidText)
        }
        return identities.insert(resource, as: raw.bytes, encoding: encoding)
    }

    /// - Throws: `malformed` when a scope that was not seen before cannot be decoded.
    mutating func resolve(
        _ raw: RawScope, of resource: ResourceID, in identities: inout Identities, reader: AttributeReader,
        encoding: WireEncoding, losses: inout DecodingLosses
    ) throws(DecodingFailure) -> Identities.Lookup<ScopeContent> {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: raw.bytes)
        scratch.append(contentsOf: raw.schemaURL)
        CanonicalEncoding.append(UInt64(raw.schemaURL.count), to: &scratch)
        let known = scratch.withUnsafeBytes { identities.findScope($0, of: resource, encoding: encoding) }
        if let known { return .known(known) }
        guard var scope = try reader.scopeIfText(raw.bytes, losses: &losses) else { return .rejected(.invalidText) }
        guard scratch.count <= limit else { return .rejected(.identityLimit) }
        scope.schemaURL = [UInt8](raw.schemaURL)
        return scratch.withUnsafeBytes { identities.insert(scope, as: $0, of: resource, encoding: encoding) }
    }

    /// - Throws: `malformed` when the metadata of a metric that was not seen before cannot be decoded.
    mutating func resolve(
        _ raw: RawMetric, of scope: ScopeID, in identities: inout Identities, reader: AttributeReader
    ) throws(DecodingFailure) -> Identities.Lookup<MetricContent> {
        scratch.removeAll(keepingCapacity: true)
        IdentityResolver.appendHeader(of: raw, to: &scratch)
        let known = scratch.withUnsafeBytes { identities.findMetric($0, of: scope) }
        if let known { return .known(known) }
        guard scratch.count <= limit else { return .rejected(.identityLimit) }
        var identity = MetricIdentity(
            name: [UInt8](raw.name), unit: [UInt8](raw.unit), kind: raw.kind, temporality: raw.temporality,
            isMonotonic: raw.isMonotonic)
        if !raw.metadata.isEmpty, raw.kind == .gauge {
            identity.metadataType = MetricIdentity.metadataType(in: try reader.attributes(raw.metadata))
        }
        return scratch.withUnsafeBytes { identities.insert(identity, as: $0, of: scope) }
    }

    /// Appends the raw header; it needs no encoding mark: strings come from both encodings unescaped, and raw metadata
    /// begins with another byte in each.
    private static func appendHeader(of raw: RawMetric, to key: inout [UInt8]) {
        key.append(contentsOf: raw.name)
        key.append(contentsOf: raw.unit)
        key.append(contentsOf: raw.description)
        if !raw.metadata.isEmpty {
            key.append(contentsOf: raw.metadata)
            CanonicalEncoding.append(UInt64(raw.metadata.count), to: &key)
        }
        CanonicalEncoding.append(UInt64(raw.name.count) << 32 | UInt64(raw.unit.count), to: &key)
        key.append(raw.kind.rawValue << 4 | raw.temporality.rawValue << 1 | (raw.isMonotonic ? 1 : 0))
    }
}

extension Identities {
    /// The result of a lookup.
    enum Lookup<Record> {
        case known(RowID<Record>)
        /// A new record. `discard` removes it again.
        case made(RowID<Record>)
        case rejected(RejectionReason)
    }
}
