/// Parses a label set in the form of `Exposure.labels` into names and values.
///
/// Names may be quoted. Parsing ends at the first unexpected byte; a set rendered by this module has none.
struct RenderedLabels {
    struct Label: Equatable {
        /// Neither quoted nor escaped.
        var name: [UInt8]
        /// Not escaped.
        var value: [UInt8]
    }

    private static let quote = UInt8(ascii: "\"")

    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// All labels of a set, in its order.
    static func all(in text: [UInt8]) -> [Label] {
        var reader = RenderedLabels(text)
        var labels: [Label] = []
        while let label = reader.next() { labels.append(label) }
        return labels
    }

    /// The next label; nil at the end.
    mutating func next() -> Label? {
        guard position < text.count else { return nil }
        let name: [UInt8]
        if text[position] == Self.quote {
            guard let quoted = readQuoted() else { return nil }
            name = quoted
        } else {
            guard let end = text[position...].firstIndex(of: UInt8(ascii: "=")) else { return nil }
            name = Array(text[position..<end])
            position = end
        }
        guard position < text.count, text[position] == UInt8(ascii: "=") else { return nil }
        position += 1
        guard let value = readQuoted() else { return nil }
        if position < text.count, text[position] == UInt8(ascii: ",") { position += 1 }
        return Label(name: name, value: value)
    }

    /// The unescaped text between two quotes; the position is after the second one then.
    private mutating func readQuoted() -> [UInt8]? {
        guard position < text.count, text[position] == Self.quote else { return nil }
        var result: [UInt8] = []
        var next = position + 1
        while next < text.count {
            let byte = text[next]
            if byte == Self.quote {
                position = next + 1
                return result
            }
            if byte == UInt8(ascii: "\\"), next + 1 < text.count {
                next += 1
                result.append(text[next] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : text[next])
            } else {
                result.append(byte)
            }
            next += 1
        }
        return nil
    }
}

extension RenderedLabels {
    /// The labels under a scheme, sorted by name. Names that become equal are one label, with their values joined by
    /// `;` as for attributes (R-LAB-04, R-LAB-06).
    static func all(in text: [UInt8], escaping: NameEscaping) -> [Label] {
        var labels: [Label] = []
        for label in all(in: text) {
            var name = escaping.labelName(label.name)
            // A leading `__` is reserved for names of Prometheus and readers, such as `__name__`.
            if name != label.name, name.starts(with: [ASCII.underscore, ASCII.underscore]) {
                name = NameEscaping.values.labelName(label.name)
            }
            if let equal = labels.firstIndex(where: { $0.name == name }) {
                labels[equal].value.append(UInt8(ascii: ";"))
                labels[equal].value.append(contentsOf: label.value)
            } else {
                labels.append(Label(name: name, value: label.value))
            }
        }
        return labels.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// A label set under a scheme, as between the braces.
    static func rendered(_ text: [UInt8], escaping: NameEscaping) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for label in all(in: text, escaping: escaping) {
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            if LegacyName.isLabelName(label.name) {
                result.append(contentsOf: label.name)
            } else {
                TextEscaping.appendQuoted(label.name, to: &result)
            }
            result.append(UInt8(ascii: "="))
            TextEscaping.appendQuoted(label.value, to: &result)
        }
        return result
    }
}
