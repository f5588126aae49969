internal import Bytes
internal import OTLP

/// Attribute values as text, by the rules for protocols without typed values (R-LAB-01; OpenTelemetry specification,
/// common/README.md, "AnyValue representation for non-OTLP protocols"), in the Collector's spelling.
enum AttributeText {
    /// Appends `value` as the text of a label: strings as they are, arrays and maps as JSON.
    static func append(_ value: AttributeValue, to text: inout [UInt8]) {
        switch value {
        case .string(let string): text.append(contentsOf: string)
        case .empty: break
        case .bool, .int, .array, .keyValues: appendJSON(value, to: &text)
        case .double(let number): appendNumber(number, to: &text)
        case .bytes(let bytes): bytes.withUnsafeBytes { Base64.append($0, to: &text) }
        }
    }

    /// Appends `value` as JSON. Recurses as deep as the value is nested, which the decoders limit.
    private static func appendJSON(_ value: AttributeValue, to text: inout [UInt8]) {
        switch value {
        case .empty:
            text.append(contentsOf: "null".utf8)
        case .string(let string):
            JSONText.appendString(string, to: &text)
        case .bool(let flag):
            text.append(contentsOf: (flag ? "true" : "false").utf8)
        case .int(let number):
            NumberText.append(number, to: &text)
        case .double(let number) where number.isFinite:
            appendNumber(number, to: &text)
        case .double(let number):
            text.append(JSONText.quote)
            appendNumber(number, to: &text)
            text.append(JSONText.quote)
        case .bytes(let bytes):
            text.append(JSONText.quote)
            bytes.withUnsafeBytes { Base64.append($0, to: &text) }
            text.append(JSONText.quote)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                appendJSON(element, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .keyValues(let members):
            text.append(UInt8(ascii: "{"))
            for (position, member) in sorted(members).enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                JSONText.appendString(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                appendJSON(member.value, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func appendNumber(_ number: Double, to text: inout [UInt8]) {
        if number.isNaN {
            text.append(contentsOf: "NaN".utf8)
        } else if number.isInfinite {
            text.append(contentsOf: (number < 0 ? "-Infinity" : "Infinity").utf8)
        } else {
            JSONText.appendNumber(number, to: &text)
        }
    }

    /// Sorted by key bytes; of equal keys the last one.
    private static func sorted(_ members: [Attribute]) -> [Attribute] {
        if members.count < 2 { return members }
        let order = members.indices.sorted { left, right in
            let (leftKey, rightKey) = (members[left].key, members[right].key)
            return leftKey == rightKey ? left < right : leftKey.lexicographicallyPrecedes(rightKey)
        }
        var result: [Attribute] = []
        result.reserveCapacity(order.count)
        for index in order {
            if result.last?.key == members[index].key { result.removeLast() }
            result.append(members[index])
        }
        return result
    }
}
