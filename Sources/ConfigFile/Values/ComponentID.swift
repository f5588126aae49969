/// The name of a component in the Collector's YAML: `otlp` or `otlp/second`.
struct ComponentID: Equatable, Hashable, CustomStringConvertible {
    let type: String
    /// The part after the slash, if any.
    let name: String?

    /// Spaces around both parts are ignored. Nil if the type, or the name after a slash, is missing.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
        guard let type = parts.first, !type.isEmpty, type.utf8.count <= 63 else {
            return nil
        }
        self.type = type
        name = parts.count > 1 ? parts[1] : nil
        if let name, name.isEmpty || name.utf8.count > 1024 {
            return nil
        }
    }

    var description: String {
        name.map { "\(type)/\($0)" } ?? type
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) {
            rest.removeLast()
        }
        return String(rest)
    }
}
