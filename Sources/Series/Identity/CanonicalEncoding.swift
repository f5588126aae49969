internal import OTLP

/// One byte sequence for each identity, whatever its encoding and order on the wire (R-DM-01, R-DM-02).
///
/// Every part is preceded by its length or a type byte, so no two identities share a sequence. Attributes are sorted by
/// key bytes, empty keys are left out, and of equal keys the last one stays.
enum CanonicalEncoding {
    static func append(_ text: [UInt8], to output: inout [UInt8]) {
        append(UInt64(text.count), to: &output)
        output.append(contentsOf: text)
    }

    static func append(_ number: UInt64, to output: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: $0) }
    }

    static func bytes(of resource: Resource) -> [UInt8] {
        var bytes: [UInt8] = []
        append(sorted(resource.attributes), to: &bytes)
        return bytes
    }

    static func bytes(of scope: Scope) -> [UInt8] {
        var bytes: [UInt8] = []
        append(scope.name, to: &bytes)
        append(scope.version, to: &bytes)
        append(scope.schemaURL, to: &bytes)
        append(sorted(scope.attributes), to: &bytes)
        return bytes
    }

    /// The canonical form of the attributes of a stream, which are in canonical order.
    static func bytes(of attributes: [Attribute]) -> [UInt8] {
        var canonical: [UInt8] = []
        canonical.reserveCapacity(512)
        append(attributes, to: &canonical)
        return canonical
    }

    static func bytes(of metric: MetricIdentity) -> [UInt8] {
        var bytes: [UInt8] = []
        append(metric.name, to: &bytes)
        append(metric.unit, to: &bytes)
        bytes += [metric.kind.rawValue, metric.temporality.rawValue, metric.isMonotonic ? 1 : 0]
        if let type = metric.metadataType { bytes.append(type.rawValue) }
        return bytes
    }

    /// Attributes sorted by `sorted`.
    static func append(_ attributes: [Attribute], to output: inout [UInt8]) {
        append(UInt64(attributes.count), to: &output)
        for attribute in attributes {
            append(attribute.key, to: &output)
            append(attribute.value, to: &output)
        }
    }

    /// Attributes in canonical order.
    static func sorted(_ attributes: [Attribute]) -> [Attribute] {
        var result: [Attribute] = []
        result.reserveCapacity(attributes.count)
        // A stable sort, so that of equal keys the last one received is the last one here.
        for (_, attribute) in attributes.enumerated().sorted(by: precedes) where !attribute.key.isEmpty {
            if let last = result.last, last.key == attribute.key { result.removeLast() }
            result.append(attribute)
        }
        return result
    }

    private static func precedes(
        _ a: EnumeratedSequence<[Attribute]>.Element, _ b: EnumeratedSequence<[Attribute]>.Element
    ) -> Bool {
        if a.element.key == b.element.key { return a.offset < b.offset }
        return a.element.key.lexicographicallyPrecedes(b.element.key)
    }

    private static func append(_ value: AttributeValue, to output: inout [UInt8]) {
        switch value {
        case .empty:
            output.append(0)
        case .string(let text):
            output.append(1)
            append(text, to: &output)
        case .bool(let flag):
            output.append(flag ? 3 : 2)
        case .int(let number):
            output.append(4)
            append(UInt64(bitPattern: number), to: &output)
        case .double(let number):
            output.append(5)
            append(number.bitPattern, to: &output)
        case .bytes(let bytes):
            output.append(6)
            append(bytes, to: &output)
        case .array(let elements):
            output.append(7)
            append(UInt64(elements.count), to: &output)
            for element in elements { append(element, to: &output) }
        case .keyValues(let entries):
            output.append(8)
            append(sorted(entries), to: &output)
        }
    }
}
