/// Decodes what `MetricsBatch` left raw, for streams seen for the first time.
///
/// Each kind can be read in two ways: strictly, and `IfText`, for readers that can do without what carries a string
/// value that is not UTF-8. Only protobuf can carry one; JSON is text as a whole.
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
        try strict(try decodedAttributes(raw))
    }

    /// As `attributes`, but nil when nothing is wrong except that a string value is not UTF-8 (R-PB-05).
    package func attributesIfText(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> [Attribute]? {
        try decodedAttributes(raw).contentIfText
    }

    /// The resource of `RawResource.bytes`.
    package func resource(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Resource {
        try strict(try decodedResource(raw))
    }

    /// As `resource`, but nil when nothing is wrong except that an attribute's string value is not UTF-8.
    package func resourceIfText(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Resource? {
        try decodedResource(raw).contentIfText
    }

    /// The scope of `RawScope.bytes`; `schemaURL` is left empty.
    package func scope(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Scope {
        try strict(try decodedScope(raw))
    }

    /// As `scope`, but nil when nothing is wrong except that an attribute's string value is not UTF-8.
    package func scopeIfText(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Scope? {
        try decodedScope(raw).contentIfText
    }

    private func decodedAttributes(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Decoded<[Attribute]> {
        switch encoding {
        case .protobuf: try ProtobufAttributes.attributes(ofRun: raw, limits: limits)
        case .json: Decoded(content: try JSONAttributes.attributes(ofArray: raw, limits: limits))
        }
    }

    private func decodedResource(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Decoded<Resource> {
        switch encoding {
        case .protobuf: try ProtobufAttributes.resource(raw, limits: limits)
        case .json: Decoded(content: try JSONAttributes.resource(raw, limits: limits))
        }
    }

    private func decodedScope(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Decoded<Scope> {
        switch encoding {
        case .protobuf: try ProtobufAttributes.scope(raw, limits: limits)
        case .json: Decoded(content: try JSONAttributes.scope(raw, limits: limits))
        }
    }

    private func strict<Content>(_ decoded: Decoded<Content>) throws(DecodingFailure) -> Content {
        guard let content = decoded.contentIfText else { throw .malformed("protobuf: a string is not valid UTF-8") }
        return content
    }
}

/// Decoded attributes, or what has some.
struct Decoded<Content> {
    var content: Content
    /// Whether every string value is UTF-8.
    var isText = true

    var contentIfText: Content? { isText ? content : nil }
}
