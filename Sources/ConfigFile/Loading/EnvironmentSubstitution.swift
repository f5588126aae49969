/// Replaces `${env:NAME}`, `${env:NAME:-default}` and `${NAME}` in the values of a configuration, and `$$` by `$`.
///
/// As in the Collector: keys are not changed; a value that is only one reference takes the type that the variable's
/// text has in YAML (number, list, ...); a reference within text is replaced by the variable's text, and references in
/// that text are replaced in turn; an unset variable is empty and gets a note.
struct EnvironmentSubstitution {
    /// Levels of references within the values of variables. Default 16; a variable that refers to itself stops here.
    static let depthLimit = 16
    /// Bytes of text that one configuration may take from the environment. Default 8 MiB.
    static let textLimit = 8 << 20

    /// The cost of a reference besides its text, in bytes. Default 64.
    static let referenceCost = 64

    private let environment: (String) -> String?
    private let findings: Findings
    private let limits: YAMLLimits
    private var remainingBytes = Self.textLimit
    private var remainingNodes: Int

    init(environment: @escaping (String) -> String?, findings: Findings, limits: YAMLLimits = YAMLLimits()) {
        self.environment = environment
        self.findings = findings
        self.limits = limits
        remainingNodes = limits.nodes
    }

    /// The node with all its values substituted; a value with a mistake becomes null.
    mutating func apply(to node: YAMLNode, path: ConfigPath = .root, depth: Int = 1) -> YAMLNode {
        switch node.content {
        case .scalar(let text, let style):
            guard text.utf8.contains(UInt8(ascii: "$")) else {
                return node
            }
            return substituted(text, style, Place(position: node.position, path: path), depth: depth)
        case .sequence(let elements):
            var result: [YAMLNode] = []
            for (index, element) in elements.enumerated() {
                result.append(apply(to: element, path: path.index(index), depth: depth + 1))
            }
            return .sequence(result, at: node.position)
        case .mapping(let entries):
            var result: [YAMLEntry] = []
            for entry in entries {
                let value = apply(to: entry.value, path: path.key(entry.key), depth: depth + 1)
                result.append(YAMLEntry(key: entry.key, keyPosition: entry.keyPosition, value: value))
            }
            return .mapping(result, at: node.position)
        }
    }

    private struct Place {
        let position: SourcePosition
        let path: ConfigPath
    }

    private struct Refusal: Error {
        let message: String
    }

    private mutating func substituted(_ text: String, _ style: ScalarStyle, _ place: Place, depth: Int) -> YAMLNode {
        let bytes = Array(text.utf8)
        do throws(Refusal) {
            guard let inner = ReferenceScan.onlyReference(bytes) else {
                return .scalar(Self.text(try expand(bytes[...], place, level: 0)), style, at: place.position)
            }
            let reference = EnvironmentReference(inner: try expand(inner, place, level: 1)[...])
            guard let value = try value(of: reference, place, level: 0) else {
                return .scalar("", .plain, at: place.position)
            }
            return retyped(value, isDefault: reference.fallback?.isEmpty ?? false, place, depth: depth)
        } catch {
            findings.mistake(place.position, place.path, error.message)
            return .scalar("", .plain, at: place.position)
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The YAML value of a variable's text. Text that is no number, truth value, list or mapping stays text.
    private mutating func retyped(_ value: [UInt8], isDefault: Bool, _ place: Place, depth: Int) -> YAMLNode {
        if value.isEmpty {
            // An empty default is empty text; an empty variable is null.
            return .scalar("", isDefault ? .text : .plain, at: place.position)
        }
        let asText = YAMLNode.scalar(Self.text(value), .text, at: place.position)
        let allowed = YAMLLimits(
            bytes: limits.bytes, depth: max(1, limits.depth - depth + 1), nodes: max(1, remainingNodes))
        let parsed: YAMLNode?
        do throws(ConfigFinding) {
            parsed = try YAMLTreeBuilder.parse(value, file: place.position.file, limits: allowed)
        } catch {
            return asText
        }
        // A comment or a lone anchor is no YAML value; a password may look like one.
        guard var node = parsed?.placed(at: place.position) else {
            return asText
        }
        remainingNodes -= node.size
        if case .scalar(let text, let style) = node.content {
            return style == .plain && !text.isEmpty && YAMLScalars.isTyped(text) ? node : asText
        }
        node.sourceText = Self.text(value)
        return node
    }

    /// Text with every reference in it replaced.
    private mutating func expand(
        _ text: ArraySlice<UInt8>, _ place: Place, level: Int
    ) throws(Refusal) -> [UInt8] {
        guard level <= Self.depthLimit else {
            throw Refusal(
                message:
                    "references nested deeper than \(Self.depthLimit) levels; write out the one that refers to itself")
        }
        var result: [UInt8] = []
        for piece in ReferenceScan.pieces(of: text) {
            switch piece {
            case .text(let text): result += text
            case .reference(let inner):
                // An empty variable costs something, too, so that many references cannot cause endless work.
                remainingBytes -= Self.referenceCost
                let reference = EnvironmentReference(inner: try expand(inner, place, level: level + 1)[...])
                result += try value(of: reference, place, level: level) ?? []
            }
        }
        remainingBytes -= result.count
        guard remainingBytes >= 0 else {
            throw Refusal(message: "more than \(Self.textLimit) bytes of text from environment variables")
        }
        return result
    }

    /// The text of a variable or its default; nil if it is unset and has none.
    private mutating func value(
        of reference: EnvironmentReference, _ place: Place, level: Int
    ) throws(Refusal) -> [UInt8]? {
        if let problem = reference.problem {
            throw Refusal(message: problem)
        }
        if let value = environment(reference.name) {
            return try expand(Array(value.utf8)[...], place, level: level + 1)
        }
        // References in the default are replaced already.
        guard let fallback = reference.fallback else {
            findings.hint(
                place.position, place.path,
                "the environment variable \(reference.name) is not set and counts as empty; "
                    + "set it, or write ${env:\(reference.name):-DEFAULT}")
            return nil
        }
        return fallback
    }
}

extension YAMLNode {
    /// The same node with every position in it replaced: the value of a variable has the position of the reference.
    fileprivate func placed(at position: SourcePosition) -> YAMLNode {
        switch content {
        case .scalar(let text, let style): return .scalar(text, style, at: position)
        case .sequence(let elements): return .sequence(elements.map { $0.placed(at: position) }, at: position)
        case .mapping(let entries):
            let placed = entries.map {
                YAMLEntry(key: $0.key, keyPosition: position, value: $0.value.placed(at: position))
            }
            return .mapping(placed, at: position)
        }
    }
}
