internal import Bytes
internal import OTLP
internal import Settings

/// The label sets of exemplars (R-EX-01, R-EX-02; OpenMetrics 1.0, "Exemplars").
enum ExemplarLabels {
    /// Code points of all names and values together.
    private static let limit = 128
    private static let traceID = Array("trace_id".utf8)
    private static let spanID = Array("span_id".utf8)

    /// `trace_id` and `span_id` first, if known, then the attributes in ascending order of their label names, unless
    /// the set would be too long with them. A known id hides an attribute of its name; attributes with the same label
    /// have their values joined by `;`. The policy applies as to labels of series.
    static func render(
        traceID trace: UnsafeRawBufferPointer, spanID span: UnsafeRawBufferPointer, attributes: [Attribute],
        policy: LabelPolicy = LabelPolicy()
    ) -> [UInt8] {
        var labels: [(name: [UInt8], value: [UInt8])] = []
        if !trace.isEmpty { labels.append((traceID, Hexadecimal.digits(of: trace))) }
        if !span.isEmpty { labels.append((spanID, Hexadecimal.digits(of: span))) }
        // More attributes than this never fit.
        let all =
            attributes.count <= limit ? labels + filtered(attributes, policy, besides: labels.map(\.name)) : labels
        if all.reduce(0, { $0 + codePoints($1.name) + codePoints($1.value) }) <= limit { labels = all }
        var text: [UInt8] = []
        for (name, value) in labels {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: name)
            text.append(contentsOf: "=\"".utf8)
            TextEscaping.appendLabelValue(readable(value)[...], to: &text)
            text.append(UInt8(ascii: "\""))
        }
        return text
    }

    /// Without double quotes: prometheus_client, and its users (Datadog's agent), treat an escaped one in an exemplar
    /// as the end of the value, and refuse the page.
    private static func readable(_ value: [UInt8]) -> [UInt8] {
        value.withoutNUL().map { $0 == UInt8(ascii: "\"") ? UInt8(ascii: "'") : $0 }
    }

    private static func filtered(
        _ attributes: [Attribute], _ policy: LabelPolicy, besides taken: [[UInt8]]
    ) -> [(name: [UInt8], value: [UInt8])] {
        let naming = LabelNaming(keepsUTF8: false)
        var values: [[UInt8]: [UInt8]] = [:]
        for attribute in attributes where !attribute.key.isEmpty {
            var name: [UInt8] = []
            naming.appendName(ofAttribute: attribute.key, to: &name)
            if policy.action(of: name[...]) == .drop { continue }
            var value: [UInt8] = []
            AttributeText.append(attribute.value, to: &value)
            if taken.contains(name) || value.isEmpty { continue }
            if let other = values[name] { value = other + [UInt8(ascii: ";")] + value }
            values[name] = value
        }
        return values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { name, value in
            (name, policy.action(of: name[...]) == .hash ? policy.hash.digits(of: value[...]) : value)
        }
    }

    private static func codePoints(_ text: [UInt8]) -> Int {
        text.reduce(0) { ASCII.isContinuation($1) ? $0 : $0 + 1 }
    }
}
