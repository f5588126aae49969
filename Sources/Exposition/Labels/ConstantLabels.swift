/// The labels that a configuration adds to every series, with their final names.
package struct ConstantLabels: Equatable, Sendable {
    /// Each name once, values not empty.
    let labels: [(name: [UInt8], value: [UInt8])]

    /// None.
    package init() {
        labels = []
    }

    /// - Parameters:
    ///   - given: names as the user wrote them, and values; those with an empty name or value are left out. Names are
    /// converted like attribute keys, except that a leading digit becomes an underscore; the values of names that
    /// become equal are joined by `;`.
    ///   - keepsUTF8: see `TranslationSettings`.
    package init(_ given: [String: String], keepsUTF8: Bool) {
        var labels: [(name: [UInt8], value: [UInt8])] = []
        for (key, value) in given.sorted(by: { $0.key < $1.key }) where !key.isEmpty && !value.isEmpty {
            let name = LabelNaming(keepsUTF8: keepsUTF8).name(ofConstant: Array(key.utf8))
            if let position = labels.firstIndex(where: { $0.name == name }) {
                labels[position].value += [UInt8(ascii: ";")] + Array(value.utf8)
            } else {
                labels.append((name, Array(value.utf8)))
            }
        }
        self.labels = labels
    }

    func contains(_ name: ArraySlice<UInt8>) -> Bool {
        labels.contains { $0.name.elementsEqual(name) }
    }

    package static func == (left: ConstantLabels, right: ConstantLabels) -> Bool {
        left.labels.elementsEqual(right.labels) { $0.name == $1.name && $0.value == $1.value }
    }
}
