/// How a scalar was written, which decides whether `8` is a number or text.
enum ScalarStyle {
    /// Without quotes: a number, a truth value, null or text.
    case plain
    /// In quotes or as a block: always text.
    case text
}

/// A node of a YAML document, with its position. Aliases and merge keys are already resolved.
struct YAMLNode {
    indirect enum Content {
        case scalar(String, ScalarStyle)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    let content: Content
    var position: SourcePosition
    /// The number of nodes, itself included, with every alias written out.
    let size: Int
    /// Levels of nodes from here down, itself included.
    let height: Int
    /// The text of the environment variable from which a list or mapping was read, for keys that take text.
    var sourceText: String?

    static func scalar(_ value: String, _ style: ScalarStyle, at position: SourcePosition) -> YAMLNode {
        YAMLNode(content: .scalar(value, style), position: position, size: 1, height: 1)
    }

    static func sequence(_ elements: [YAMLNode], at position: SourcePosition) -> YAMLNode {
        YAMLNode(
            content: .sequence(elements), position: position,
            size: elements.reduce(1) { $0 + $1.size }, height: 1 + (elements.map(\.height).max() ?? 0))
    }

    static func mapping(_ entries: [YAMLEntry], at position: SourcePosition) -> YAMLNode {
        YAMLNode(
            content: .mapping(entries), position: position,
            size: entries.reduce(1) { $0 + $1.value.size }, height: 1 + (entries.map(\.value.height).max() ?? 0))
    }

    /// Whether it is empty or `null`: the key keeps its default.
    var isNull: Bool {
        guard case .scalar(let value, .plain) = content else {
            return false
        }
        return YAMLScalars.isNull(value)
    }
}

/// A key of a mapping and what it is set to. Keys are unique within a mapping.
struct YAMLEntry {
    let key: String
    let keyPosition: SourcePosition
    var value: YAMLNode
}

/// Limits on one file.
struct YAMLLimits {
    /// Bytes of one file or environment variable. Default 1 MiB.
    var bytes = 1 << 20
    /// Levels of nesting, aliases written out. Default 64.
    var depth = 64
    /// Nodes of one document, aliases written out. Default 50,000; a large real configuration has a few thousand.
    var nodes = 50_000
}
