internal import OTLP
internal import Settings

/// The result of a lookup of attributes that were new to the request.
enum StreamLookup {
    case known(StreamID)
    case new(NewStream)
    case rejected(RejectionReason)
}

/// A stream that is decoded and translated, but not created yet.
struct NewStream {
    var raw: UnsafeRawBufferPointer
    var alias: Fingerprint
    var key: StreamKey
    var attributes: [Attribute]
    var exposure: Exposure
}

/// Finds the stream of a point by its attributes, or decodes and translates a new one, without creating it.
struct StreamDescriber: Sendable {
    let translation: any StreamTranslation
    let decodingLimits: DecodingLimits
    private let attributesLimitBytes: Int
    private let rawAttributesLimitBytes: Int
    private let reservedPrefix: [UInt8]?

    /// - Parameters:
    ///   - translation: how streams are shown.
    ///   - decodingLimits: for the attributes of new streams.
    init(_ settings: SeriesSettings, translation: any StreamTranslation, decodingLimits: DecodingLimits) {
        self.translation = translation
        self.decodingLimits = decodingLimits
        attributesLimitBytes = settings.attributesLimitBytes
        rawAttributesLimitBytes = settings.rawAttributesLimitBytes
        reservedPrefix = settings.reservedPrefix
    }

    /// Finds the stream by its raw attributes (an earlier point of the request may have created it), then by its
    /// canonical form (then the raw bytes become another alias); otherwise decodes and translates it.
    func find(
        _ raw: UnsafeRawBufferPointer, context: PointContext, in ledger: inout Ledger
    ) -> StreamLookup {
        let alias = ledger.fingerprint(raw, parent: context.aliasParent)
        if let known = ledger.streams.find(alias) { return .known(known) }
        guard raw.count <= rawAttributesLimitBytes else { return .rejected(.labelLimit) }
        guard let attributes = canonicalAttributes(raw, encoding: context.encoding) else {
            return .rejected(.invalidText)
        }
        // Of the attributes that were decoded; those that are left out may have any length.
        let canonical = CanonicalEncoding.bytes(of: attributes)
        guard canonical.count <= attributesLimitBytes else { return .rejected(.labelLimit) }
        let key = ledger.key(canonical, of: context.metric)
        if let known = ledger.streams.find(key) {
            ledger.streams.addAlias(alias, to: known)
            return .known(known)
        }
        let identity = ledger.identities.identity(ofStreamOf: context.metric, attributes)
        do throws(RejectionReason) {
            let exposure = try translation.exposure(of: identity)
            if let reserved = reservedPrefix, exposure.family.name.starts(with: reserved) {
                return .rejected(.reservedName)
            }
            return .new(NewStream(raw: raw, alias: alias, key: key, attributes: attributes, exposure: exposure))
        } catch {
            return .rejected(error)
        }
    }

    /// The attributes in canonical order; nil if one is not UTF-8. They were decoded without error when the request was
    /// resolved.
    func canonicalAttributes(_ raw: UnsafeRawBufferPointer, encoding: WireEncoding) -> [Attribute]? {
        let reader = AttributeReader(encoding: encoding, limits: decodingLimits)
        // Already reported when the request was resolved.
        var losses = DecodingLosses()
        do throws(DecodingFailure) {
            return try reader.attributesIfText(raw, losses: &losses).map(CanonicalEncoding.sorted)
        } catch {
            preconditionFailure("attributes that were resolved can be decoded")
        }
    }

    /// Reports attributes that cannot be decoded. Attributes that are too long for any point are not decoded: the point
    /// is rejected when it is applied, the exemplar is shown without them.
    func check(
        _ attributes: UnsafeRawBufferPointer, by reader: AttributeReader, losses: inout DecodingLosses
    ) throws(DecodingFailure) {
        guard attributes.count <= rawAttributesLimitBytes else { return }
        _ = try reader.attributesIfText(attributes, losses: &losses)
    }

    /// The label set of an exemplar. Attributes were decoded without error when the request was resolved; if not, the
    /// exemplar is shown without them.
    func labels(of exemplar: Exemplar, encoding: WireEncoding) -> [UInt8] {
        var attributes: [Attribute] = []
        let raw = exemplar.filteredAttributes.count
        if raw > 0, raw <= rawAttributesLimitBytes {
            let reader = AttributeReader(encoding: encoding, limits: decodingLimits)
            attributes = CanonicalEncoding.sorted((try? reader.attributes(exemplar.filteredAttributes)) ?? [])
        }
        return translation.exemplarLabels(
            traceID: exemplar.traceID, spanID: exemplar.spanID, attributes: attributes)
    }
}
