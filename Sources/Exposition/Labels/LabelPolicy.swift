internal import OTLP
internal import Series
package import Settings

/// Which labels are shown, left out or hashed (docs/labels.md). Series that become equal are one series with several
/// writers.
package struct LabelPolicy: Equatable, Sendable {
    /// The first rule that matches is used; a label without a matching rule is kept. Default: none.
    package var rules: [LabelRule] = []

    /// Attribute keys that identify the user, the best first: the first that a point has becomes the label `user`.
    /// Default: none, and no such label.
    package var userAttributes: [[UInt8]] = []

    /// How values are hashed.
    package var hash = LabelHash(key: [])

    /// Shows all labels unchanged.
    package init() {}

    /// Whether all labels are shown unchanged.
    var isEmpty: Bool { rules.isEmpty && userAttributes.isEmpty }

    /// The action for a label; nil if no rule matches. A rule also matches the name with underscores, if a format shows
    /// other characters in it.
    func action(of name: ArraySlice<UInt8>) -> LabelAction? {
        if rules.isEmpty { return nil }
        let shown = Array(name)
        let isClassic = LabelNaming.isClassic(name)
        let underscored =
            isClassic
            ? []
            : shown.filter { !ASCII.isContinuation($0) }.map { ASCII.isLetterOrDigit($0) ? $0 : ASCII.underscore }
        return rules.first { rule in
            WriterRules.matches(rule.pattern, shown) || !isClassic && WriterRules.matches(rule.pattern, underscored)
        }?.action
    }

    /// The action for a label that identifies the user: that of the label itself; otherwise it is hashed if the label
    /// of its source attribute is hashed. Unless the policy asks for a label `user`, it is left out with that label,
    /// too: what is not shown must not be shown under another name.
    /// - Parameter source: the key of the attribute.
    package func action(ofUser name: ArraySlice<UInt8>, from source: [UInt8]) -> LabelAction {
        if let action = action(of: name) { return action }
        var label: [UInt8] = []
        LabelNaming(keepsUTF8: false).appendName(ofAttribute: source, to: &label)
        switch action(of: label[...]) {
        case .hash: return .hash
        case .drop where userAttributes.isEmpty: return .drop
        default: return .keep
        }
    }

    /// The action for a label that shows an attribute of another name: that of the label itself, or else that of the
    /// attribute's own label.
    /// - Parameter source: the key of the attribute.
    func action(of name: ArraySlice<UInt8>, from source: [UInt8]) -> LabelAction {
        if rules.isEmpty { return .keep }
        if let action = action(of: name) { return action }
        var label: [UInt8] = []
        LabelNaming(keepsUTF8: false).appendName(ofAttribute: source, to: &label)
        return action(of: label[...]) ?? .keep
    }

    /// The user of a point; nil if it has none of the attributes.
    func user(in attributes: [Attribute]) -> SourcedValue? {
        for key in userAttributes {
            guard let value = attributes.last(where: { $0.key == key })?.value else { continue }
            var text: [UInt8] = []
            AttributeText.append(value, to: &text)
            if !text.isEmpty { return SourcedValue(source: key, value: .string(text)) }
        }
        return nil
    }
}

/// A value with the attribute it was taken from.
struct SourcedValue: Equatable {
    /// The attribute's key.
    var source: [UInt8]
    var value: AttributeValue
    /// It identifies the user, and may be shown although the attribute's own label is left out
    /// (`LabelPolicy.action(ofUser:from:)`).
    var isUser: Bool

    /// The scope of metrics made of events. Their user labels are maps of values by the keys of the attributes, the
    /// best first: the label shows that one, and the policy applies by its key.
    private static let scopeName = Array("odometer.events".utf8)

    static func isUsed(in scope: Scope) -> Bool { scope.name == scopeName }

    init(source: [UInt8], value: AttributeValue, isUser: Bool = true) {
        self.source = source
        self.value = value
        self.isUser = isUser
    }

    /// The users in a value, the best first; empty for a plain value.
    static func all(_ value: AttributeValue) -> [SourcedValue] { marked(value).values }

    /// As `all`, with the hashed ones marked.
    static func marked(_ value: AttributeValue) -> (values: [SourcedValue], marks: HashMarks) {
        guard case .keyValues(var entries) = value else { return ([], HashMarks()) }
        let marks = HashMarks.take(from: &entries)
        return (entries.map { SourcedValue(source: $0.key, value: $0.value) }, marks)
    }
}
