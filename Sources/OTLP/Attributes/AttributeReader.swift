package import Settings

/// Decodes what a batch left raw. An attribute that cannot be decoded is left out.
///
/// Each kind can be decoded in two ways: strictly, and `IfText`, for callers that can do without parts whose string
/// values are not UTF-8, and need to know what was left out. Only protobuf can carry those; JSON is text as a whole.
package struct AttributeReader {
    package var encoding: WireEncoding
    package var limits: DecodingLimits
    /// The beginning of the body that contains the raw bytes, nil if they are all of it. Never read.
    private let origin: UnsafeRawPointer?

    /// Reads bytes that are not part of a body.
    package init(encoding: WireEncoding, limits: DecodingLimits = DecodingLimits()) {
        self.init(encoding: encoding, limits: limits, origin: nil)
    }

    init(encoding: WireEncoding, limits: DecodingLimits, origin: UnsafeRawPointer?) {
        self.encoding = encoding
        self.limits = limits
        self.origin = origin
    }

    /// The attributes of a point, in the order received, duplicates included.
    /// - Throws: `malformed` for invalid UTF-8.
    package func attributes(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> [Attribute] {
        try strict(try decodedAttributes(raw))
    }

    /// As `attributes`, but nil when nothing is wrong except that a string value is not UTF-8 (R-PB-05).
    /// - Parameter losses: takes what is left out.
    package func attributesIfText(
        _ raw: UnsafeRawBufferPointer, losses: inout DecodingLosses
    ) throws(DecodingFailure) -> [Attribute]? {
        try decodedAttributes(raw).contentIfText(&losses)
    }

    /// The resource of `RawResource.bytes`.
    package func resource(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Resource {
        try strict(try decodedResource(raw))
    }

    /// As `resource`, but nil when nothing is wrong except that an attribute's string value is not UTF-8.
    /// - Parameter losses: takes what is left out.
    package func resourceIfText(
        _ raw: UnsafeRawBufferPointer, losses: inout DecodingLosses
    ) throws(DecodingFailure) -> Resource? {
        try decodedResource(raw).contentIfText(&losses)
    }

    /// The scope of `RawScope.bytes`; `schemaURL` is left empty.
    package func scope(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Scope {
        try strict(try decodedScope(raw))
    }

    /// As `scope`, but nil when nothing is wrong except that an attribute's string value is not UTF-8.
    /// - Parameter losses: takes what is left out.
    package func scopeIfText(
        _ raw: UnsafeRawBufferPointer, losses: inout DecodingLosses
    ) throws(DecodingFailure) -> Scope? {
        try decodedScope(raw).contentIfText(&losses)
    }

    private func decodedAttributes(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Decoded<[Attribute]> {
        switch encoding {
        case .protobuf: try ProtobufAttributes.attributes(ofRun: raw, limits: limits)
        case .json: try JSONAttributes.attributes(ofArray: raw, limits: limits, origin: origin)
        }
    }

    private func decodedResource(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Decoded<Resource> {
        switch encoding {
        case .protobuf: try ProtobufAttributes.resource(raw, limits: limits)
        case .json: try JSONAttributes.resource(raw, limits: limits, origin: origin)
        }
    }

    private func decodedScope(_ raw: UnsafeRawBufferPointer) throws(DecodingFailure) -> Decoded<Scope> {
        switch encoding {
        case .protobuf: try ProtobufAttributes.scope(raw, limits: limits)
        case .json: try JSONAttributes.scope(raw, limits: limits, origin: origin)
        }
    }

    private func strict<Content>(_ decoded: Decoded<Content>) throws(DecodingFailure) -> Content {
        guard decoded.isText else { throw .notText }
        return decoded.content
    }
}

/// Decoded attributes, or a message with attributes.
struct Decoded<Content> {
    var content: Content
    /// Whether every string value is UTF-8.
    var isText = true
    var losses = DecodingLosses()

    func contentIfText(_ losses: inout DecodingLosses) -> Content? {
        losses.add(self.losses)
        return isText ? content : nil
    }
}
