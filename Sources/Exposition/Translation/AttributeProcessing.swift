internal import Bytes
package import OTLP
internal import Patterns
internal import Series
package import Settings

/// Applies processors to attributes.
extension AttributeProcessor {
    /// Bytes of text that a pattern is matched against; longer text does not match. Default 4096, as long as a label
    /// may be.
    static let extractionLimitBytes = 4096

    /// The stream as shown. Attributes stay sorted by key.
    static func process(_ stream: StreamIdentity, with processors: [AttributeProcessor]) -> StreamIdentity {
        var stream = stream
        stream.resource = process(stream.resource, with: processors)
        for processor in processors where processor.target == .dataPoints && processor.isFor(stream.metric.name) {
            processor.apply(to: &stream.attributes)
        }
        stream.attributes.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return stream
    }

    /// - Parameter marks: what is already hashed.
    static func process(
        _ resource: Resource, with processors: [AttributeProcessor], marks: HashMarks = HashMarks()
    ) -> Resource {
        var resource = resource
        var marks = marks
        for processor in processors where processor.target == .resource {
            processor.apply(to: &resource.attributes, skipping: &marks)
        }
        return resource
    }

    /// Whether points of the metric with this name, as received, are changed.
    package func isFor(_ name: [UInt8]) -> Bool {
        metrics == .all([]) || metrics.holds(for: String(decoding: name, as: UTF8.self))
    }

    /// Changes attributes in place; new ones come last.
    package func apply(to attributes: inout [Attribute]) {
        var marks = HashMarks()
        apply(to: &attributes, noting: &marks)
    }

    /// Changes attributes in place, and notes which values were made by `hash`.
    package func apply(to attributes: inout [Attribute], noting marks: inout HashMarks) {
        apply(to: &attributes, &marks, skipsHashed: false)
    }

    /// Changes attributes in place that another pipeline has changed before: values it has hashed are not hashed again.
    /// - Parameter marks: how often each value was hashed; reduced for each hash that is skipped.
    package func apply(to attributes: inout [Attribute], skipping marks: inout HashMarks) {
        apply(to: &attributes, &marks, skipsHashed: true)
    }

    private func apply(to attributes: inout [Attribute], _ marks: inout HashMarks, skipsHashed: Bool) {
        for action in actions {
            switch action {
            case .set(let key, let condition, let source):
                let isPresent = attributes.contains { $0.key == key }
                guard condition == .always || (condition == .present) == isPresent,
                    let value = Self.value(source, in: attributes)
                else { continue }
                attributes.removeAll { $0.key == key }
                attributes.append(Attribute(key: key, value: value))
                // A copy of a hash is a hash, too.
                if case .attribute(let origin) = source { marks[key] = marks[origin] } else { marks[key] = 0 }
            case .delete(let key):
                attributes.removeAll { $0.key == key }
                marks[key] = 0
            case .hash(let key): Self.hash(&attributes, &marks, skipsHashed) { $0 == key }
            case .deleteMatching(let pattern): attributes.removeAll { pattern.matches($0.key) }
            case .hashMatching(let pattern): Self.hash(&attributes, &marks, skipsHashed) { pattern.matches($0) }
            case .extract(let key, let pattern): Self.extract(pattern, from: key, in: &attributes, &marks)
            case .convert(let key, let type):
                for index in attributes.indices where attributes[index].key == key {
                    let value = Self.converted(attributes[index].value, to: type)
                    if value != attributes[index].value { marks[key] = 0 }
                    attributes[index].value = value
                }
            }
        }
    }

    private static func hash(
        _ attributes: inout [Attribute], _ marks: inout HashMarks, _ skipsHashed: Bool, where isMeant: ([UInt8]) -> Bool
    ) {
        let before = marks
        for index in attributes.indices where isMeant(attributes[index].key) {
            let key = attributes[index].key
            if skipsHashed {
                if before[key] > 0, isHash(attributes[index].value) {
                    marks[key] = before[key] - 1
                    continue
                }
            } else {
                marks[key] = before[key] + 1
            }
            attributes[index].value = hashed(attributes[index].value)
        }
    }

    private static func extract(
        _ pattern: TextPattern, from key: [UInt8], in attributes: inout [Attribute], _ marks: inout HashMarks
    ) {
        guard case .string(let bytes)? = value(.attribute(key), in: attributes), bytes.count <= extractionLimitBytes,
            let groups = pattern.groups(in: String(decoding: bytes, as: UTF8.self))
        else { return }
        for (name, text) in zip(pattern.groupNames, groups) {
            guard let name else { continue }
            let target = Array(name.utf8)
            attributes.removeAll { $0.key == target }
            attributes.append(Attribute(key: target, value: .string(Array((text ?? "").utf8))))
            marks[target] = 0
        }
    }

    /// Whether the value can be a result of `hashed`: a mark alone is no proof, since clients can send marks.
    private static func isHash(_ value: AttributeValue) -> Bool {
        guard case .string(let text) = value else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
        return text.isEmpty || text.count == 64 && text.allSatisfy { digits.contains($0) || letters.contains($0) }
    }

    /// Empty text stays empty, as in the Collector: it means no value.
    private static func hashed(_ value: AttributeValue) -> AttributeValue {
        let bytes = bytes(of: value)
        return .string(bytes.isEmpty ? [] : Hexadecimal.digits(of: SHA256.digest(of: bytes)))
    }

    /// The Collector's conversion: decimal text only, fractions are cut, and a value that does not fit stays.
    private static func converted(_ value: AttributeValue, to type: ValueType) -> AttributeValue {
        switch (type, value) {
        case (.string, .string), (.int, .int), (.double, .double): return value
        case (.string, _):
            var text: [UInt8] = []
            AttributeText.append(value, to: &text)
            return .string(text)
        case (.int, .double(let number)): return Int64(exactly: number.rounded(.towardZero)).map { .int($0) } ?? value
        case (.int, .bool(let flag)): return .int(flag ? 1 : 0)
        case (.int, .string(let text)): return Int64(String(decoding: text, as: UTF8.self)).map { .int($0) } ?? value
        case (.double, .int(let number)): return .double(Double(number))
        case (.double, .bool(let flag)): return .double(flag ? 1 : 0)
        case (.double, .string(let text)):
            return Double(String(decoding: text, as: UTF8.self)).map { .double($0) } ?? value
        default: return value
        }
    }

    /// Of equal keys the last one is used.
    private static func value(_ source: Source, in attributes: [Attribute]) -> AttributeValue? {
        switch source {
        case .text(let text): .string(text)
        case .integer(let number): .int(number)
        case .number(let number): .double(number)
        case .flag(let flag): .bool(flag)
        case .attribute(let key): attributes.last { $0.key == key }?.value
        }
    }

    private static func bytes(of value: AttributeValue) -> [UInt8] {
        switch value {
        case .string(let bytes), .bytes(let bytes): return bytes
        case .bool(let flag): return [flag ? 1 : 0]
        case .int(let number): return withUnsafeBytes(of: number.littleEndian) { Array($0) }
        case .double(let number): return withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
        case .empty, .array, .keyValues:
            var text: [UInt8] = []
            AttributeText.append(value, to: &text)
            return text
        }
    }
}
