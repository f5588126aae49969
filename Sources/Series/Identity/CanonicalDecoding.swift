internal import OTLP

/// Decodes canonical forms (`CanonicalEncoding`) from the state directory.
extension StateReader {
    private mutating func canonicalLength(ofAtLeast size: Int) throws(StateFault) -> Int {
        let count = try fixed()
        guard count <= UInt64(remaining / size) else { throw .truncated }
        return Int(count)
    }

    mutating func canonicalText() throws(StateFault) -> [UInt8] {
        var text: [UInt8] = []
        let count = try canonicalLength(ofAtLeast: 1)
        text.reserveCapacity(count)
        for _ in 0..<count { text.append(try byte()) }
        return text
    }

    mutating func canonicalResource(depth: Int) throws(StateFault) -> Resource {
        Resource(attributes: try canonicalAttributes(depth: depth))
    }

    mutating func canonicalScope(depth: Int) throws(StateFault) -> Scope {
        Scope(
            name: try canonicalText(), version: try canonicalText(), schemaURL: try canonicalText(),
            attributes: try canonicalAttributes(depth: depth))
    }

    mutating func canonicalMetric() throws(StateFault) -> MetricIdentity {
        var metric = MetricIdentity(
            name: try canonicalText(), unit: try canonicalText(), kind: try tag(MetricKind.self),
            temporality: try tag(Temporality.self), isMonotonic: try flag())
        if remaining > 0 { metric.metadataType = try tag(FamilyType.self) }
        return metric
    }

    /// - Parameter depth: how much deeper values may be nested.
    private mutating func canonicalAttributes(depth: Int) throws(StateFault) -> [Attribute] {
        var attributes: [Attribute] = []
        for _ in 0..<(try canonicalLength(ofAtLeast: 9)) {
            attributes.append(Attribute(key: try canonicalText(), value: try canonicalValue(depth: depth)))
        }
        return attributes
    }

    private mutating func canonicalValue(depth: Int) throws(StateFault) -> AttributeValue {
        guard depth > 0 else { throw .outOfRange }
        switch try byte() {
        case 0: return .empty
        case 1: return .string(try canonicalText())
        case 2: return .bool(false)
        case 3: return .bool(true)
        case 4: return .int(Int64(bitPattern: try fixed()))
        case 5: return .double(try double())
        case 6: return .bytes(try canonicalText())
        case 7:
            var elements: [AttributeValue] = []
            for _ in 0..<(try canonicalLength(ofAtLeast: 1)) { elements.append(try canonicalValue(depth: depth - 1)) }
            return .array(elements)
        case 8: return .keyValues(try canonicalAttributes(depth: depth - 1))
        default: throw .unknownTag
        }
    }
}
