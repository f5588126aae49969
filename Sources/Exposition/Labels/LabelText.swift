/// Label sets of the collector's own metrics, without attributes.
package enum LabelText {
    /// The label set in the form of `Exposure.labels`.
    /// - Parameter labels: legal label names in ascending order, each once; any values.
    package static func render(_ labels: [(name: String, value: String)]) -> [UInt8] {
        var result: [UInt8] = []
        for (name, value) in labels where !value.isEmpty {
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            result.append(contentsOf: name.utf8)
            result.append(contentsOf: "=\"".utf8)
            TextEscaping.appendLabelValue(Array(value.utf8)[...], to: &result)
            result.append(UInt8(ascii: "\""))
        }
        return result
    }
}

extension LabelText {
    /// The labels of a set as `Exposure.labels` has it, in its order: neither quoted nor escaped, UTF-8.
    package static func labels(in text: [UInt8]) -> [(name: [UInt8], value: [UInt8])] {
        RenderedLabels.all(in: text).map { ($0.name, $0.value) }
    }
}
