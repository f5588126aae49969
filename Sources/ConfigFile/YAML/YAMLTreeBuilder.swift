/// Builds the node tree of one YAML document, with aliases and merge keys resolved.
///
/// By aliases to aliases, a few hundred bytes of YAML can stand for billions of nodes, or for an enormous depth. So
/// every alias costs as many nodes as it stands for, and its height counts towards the depth.
struct YAMLTreeBuilder: ~Copyable {
    private var reader: YAMLEventReader
    private let limits: YAMLLimits
    private var anchors: [String: YAMLNode] = [:]
    private var openAnchors: Set<String> = []
    private var nodeCount = 0

    private init(_ bytes: [UInt8], file: String, limits: YAMLLimits) throws(ConfigFinding) {
        reader = try YAMLEventReader(bytes, file: file)
        self.limits = limits
    }

    /// The only document of `bytes`, or nil if there is none (an empty file, or comments only).
    static func parse(
        _ bytes: [UInt8], file: String, limits: YAMLLimits = YAMLLimits()
    ) throws(ConfigFinding) -> YAMLNode? {
        guard bytes.count <= limits.bytes else {
            throw ConfigFinding(
                position: SourcePosition(file: file), path: "", message: "longer than \(limits.bytes) bytes")
        }
        var builder = try YAMLTreeBuilder(bytes, file: file, limits: limits)
        return try builder.document()
    }

    private mutating func document() throws(ConfigFinding) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try reader.next()
            switch event.kind {
            case .streamEnd: return root
            case .documentStart:
                guard root == nil else {
                    throw mistake(event, .root, "a second document begins here; write one document per file")
                }
                root = try node(try reader.next(), path: .root, depth: 1)
            default: continue
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, path: ConfigPath, depth: Int) throws(ConfigFinding) -> YAMLNode {
        guard depth <= limits.depth else {
            throw mistake(event, path, "nested deeper than \(limits.depth) levels; remove some")
        }
        try spend(1, event, path)
        if case .alias = event.kind {
            return try resolve(event, path: path, depth: depth)
        }
        guard let anchor = event.anchor else {
            return try content(event, path: path, depth: depth)
        }
        // Until it is complete, an alias to it would be infinite.
        openAnchors.insert(anchor)
        let node = try content(event, path: path, depth: depth)
        openAnchors.remove(anchor)
        anchors[anchor] = node
        return node
    }

    private mutating func content(_ event: YAMLEvent, path: ConfigPath, depth: Int) throws(ConfigFinding) -> YAMLNode {
        switch event.kind {
        case .scalar(let value, let style):
            return .scalar(value, try scalarStyle(style, event, path), at: event.position)
        case .sequenceStart:
            try checkTag(event, "tag:yaml.org,2002:seq", path)
            return try sequence(event, path: path, depth: depth)
        case .mappingStart:
            try checkTag(event, "tag:yaml.org,2002:map", path)
            return try mapping(event, path: path, depth: depth)
        default: throw mistake(event, path, "a value is missing")
        }
    }

    private mutating func sequence(
        _ start: YAMLEvent, path: ConfigPath, depth: Int
    ) throws(ConfigFinding) -> YAMLNode {
        var elements: [YAMLNode] = []
        while true {
            let event = try reader.next()
            if case .sequenceEnd = event.kind {
                return .sequence(elements, at: start.position)
            }
            elements.append(try node(event, path: path.index(elements.count), depth: depth + 1))
        }
    }

    private mutating func mapping(
        _ start: YAMLEvent, path: ConfigPath, depth: Int
    ) throws(ConfigFinding) -> YAMLNode {
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        var merged: YAMLNode?
        while true {
            let event = try reader.next()
            if case .mappingEnd = event.kind {
                break
            }
            let (key, style) = try key(event, path: path)
            if let line = lines.updateValue(event.position.line, forKey: key) {
                throw mistake(event, path.key(key), "the key is defined twice; remove it here or on line \(line)")
            }
            let value = try node(try reader.next(), path: path.key(key), depth: depth + 1)
            if key == "<<", style == .plain {
                merged = value
            } else {
                entries.append(YAMLEntry(key: key, keyPosition: event.position, value: value))
            }
        }
        if let merged {
            for entry in try mergedEntries(merged, path.key("<<")) where lines[entry.key] == nil {
                lines[entry.key] = entry.keyPosition.line
                try spend(entry.value.size, start, path)
                entries.append(entry)
            }
        }
        return .mapping(entries, at: start.position)
    }

    /// A key is a scalar, or an alias to one.
    private mutating func key(
        _ event: YAMLEvent, path: ConfigPath
    ) throws(ConfigFinding) -> (String, ScalarStyle) {
        try spend(1, event, path)
        var content = event.kind
        if case .alias = event.kind, case .scalar(let value, let style) = anchors[event.anchor ?? ""]?.content {
            content = .scalar(value, style)
        }
        guard case .scalar(let value, let style) = content else {
            throw mistake(event, path, "a list or a mapping as a key; write KEY: VALUE")
        }
        if let anchor = event.anchor, case .scalar = event.kind {
            anchors[anchor] = .scalar(value, style, at: event.position)
        }
        return (value, style)
    }

    /// The entries that `<<: *mapping` or `<<: [*first, *second]` adds; of equal keys the first is used.
    private func mergedEntries(_ node: YAMLNode, _ path: ConfigPath) throws(ConfigFinding) -> [YAMLEntry] {
        switch node.content {
        case .mapping(let entries): return entries
        case .sequence(let nodes):
            var entries: [YAMLEntry] = []
            for node in nodes {
                guard case .mapping(let more) = node.content else {
                    throw ConfigFinding(
                        position: node.position, path: path.description, message: "only mappings can be merged")
                }
                entries += more
            }
            return entries
        case .scalar:
            throw ConfigFinding(
                position: node.position, path: path.description, message: "only mappings can be merged")
        }
    }

    private mutating func resolve(
        _ event: YAMLEvent, path: ConfigPath, depth: Int
    ) throws(ConfigFinding) -> YAMLNode {
        let name = event.anchor ?? ""
        guard !openAnchors.contains(name) else {
            throw mistake(event, path, "the alias *\(printable(name)) is inside its own anchor; write it out")
        }
        guard let target = anchors[name] else {
            throw mistake(event, path, "no anchor &\(printable(name)) is defined before this alias; write it out")
        }
        try spend(target.size - 1, event, path)
        guard depth + target.height - 1 <= limits.depth else {
            throw mistake(event, path, "nested deeper than \(limits.depth) levels by aliases; remove some")
        }
        return target
    }

    private mutating func spend(_ nodes: Int, _ event: YAMLEvent, _ path: ConfigPath) throws(ConfigFinding) {
        nodeCount += nodes
        guard nodeCount <= limits.nodes else {
            throw mistake(event, path, "more than \(limits.nodes) values, aliases expanded; remove some")
        }
    }

    /// `!!str 8` is text, `!!int "8"` a number; YAML's other tags are of no use in a configuration.
    private func scalarStyle(
        _ style: ScalarStyle, _ event: YAMLEvent, _ path: ConfigPath
    ) throws(ConfigFinding) -> ScalarStyle {
        switch event.tag {
        case nil: return style
        case "!", "tag:yaml.org,2002:str": return .text
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
            return .plain
        case .some(let tag): throw mistake(event, path, "the tag \(quoted(tag)) is not supported; remove it")
        }
    }

    private func checkTag(_ event: YAMLEvent, _ standard: String, _ path: ConfigPath) throws(ConfigFinding) {
        if let tag = event.tag, tag != standard, tag != "!" {
            throw mistake(event, path, "the tag \(quoted(tag)) is not supported; remove it")
        }
    }

    private func mistake(_ event: YAMLEvent, _ path: ConfigPath, _ message: String) -> ConfigFinding {
        ConfigFinding(position: event.position, path: path.description, message: message)
    }
}
