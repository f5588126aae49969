/// Decodes what `MetricsBatch` left raw, for streams seen for the first time.
package struct AttributeReader: Sendable {
    package var encoding: WireEncoding
    package var limits: DecodingLimits

    package init(encoding: WireEncoding, limits: DecodingLimits = DecodingLimits()) {
        self.encoding = encoding
        self.limits = limits
    }

    /// The attributes of a point, in the order received, duplicates included.
    /// - Throws: `malformed` for broken bytes, invalid UTF-8, or nesting beyond `limits.depth`.
    package func attributes(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> [Attribute] {
        switch encoding {
        case .protobuf: try ProtobufAttributes.attributes(ofRun: raw, limits: limits)
        case .json: try JSONAttributes.attributes(ofArray: raw, limits: limits)
        }
    }

    /// The resource of `RawResource.bytes`.
    package func resource(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Resource {
        switch encoding {
        case .protobuf: try ProtobufAttributes.resource(raw, limits: limits)
        case .json: try JSONAttributes.resource(raw, limits: limits)
        }
    }

    /// The scope of `RawScope.bytes`; `schemaURL` is left empty.
    package func scope(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Scope {
        switch encoding {
        case .protobuf: try ProtobufAttributes.scope(raw, limits: limits)
        case .json: try JSONAttributes.scope(raw, limits: limits)
        }
    }
}
