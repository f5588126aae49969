internal import OTLP
internal import Series
package import Settings

/// Which labels are shown, which are left out and which are shown hashed (docs/labels.md). Series that become equal are
/// one series with several writers.
package struct LabelPolicy: Equatable, Sendable {
    /// What is done with the labels whose name matches.
    package struct Rule: Equatable, Sendable {
        /// UTF-8; `*` stands for any run of characters, none included.
        package var pattern: [UInt8]
        package var action: LabelAction

        package init(pattern: [UInt8], action: LabelAction) {
            self.pattern = pattern
            self.action = action
        }
    }

    /// The first rule that matches decides; a label that none matches is kept. Default: none.
    package var rules: [Rule] = []

    /// Keys of attributes that say who a point is of, the best first: the first that it has becomes the label `user`.
    /// Default: none, and no such label.
    package var userAttributes: [[UInt8]] = []

    /// How values are hashed.
    package var hash = LabelHash(key: [])

    /// Shows everything.
    package init() {}

    /// Whether all labels are shown as they are.
    var isEmpty: Bool { rules.isEmpty && userAttributes.isEmpty }

    /// What is done with a label; nil when no rule says anything. A rule means the name with underscores too, where a
    /// format shows other characters in it.
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

    /// What is done with a label that tells who: what is said of the label itself, and else it is hashed where the label
    /// that its value comes from is hashed. Where nobody asked for a label `user` it is left out with that label, too: what
    /// is not to be seen is not to be seen under another name.
    /// - Parameter source: the key of the attribute that the value comes from.
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

    /// What is done with a label that shows an attribute of another name: what is said of the label itself, and else of
    /// the attribute's own.
    /// - Parameter source: the key of the attribute.
    func action(of name: ArraySlice<UInt8>, from source: [UInt8]) -> LabelAction {
        if rules.isEmpty { return .keep }
        if let action = action(of: name) { return action }
        var label: [UInt8] = []
        LabelNaming(keepsUTF8: false).appendName(ofAttribute: source, to: &label)
        return action(of: label[...]) ?? .keep
    }

    /// Who a point is of; nil when none of its attributes says it.
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

/// A value that tells which attribute it was taken from.
struct SourcedValue: Equatable {
    /// The attribute's key.
    var source: [UInt8]
    var value: AttributeValue
    /// It tells who, and may be shown though the attribute's own label is left out (`LabelPolicy.action(ofUser:from:)`).
    var isUser: Bool

    /// The scope of the metrics that are made of events. Their labels that tell who are maps of values by the keys of the
    /// attributes, the best first: the label shows that one, and the policy knows where it comes from.
    private static let scopeName = Array("odometer.events".utf8)

    static func isUsed(in scope: Scope) -> Bool { scope.name == scopeName }

    init(source: [UInt8], value: AttributeValue, isUser: Bool = true) {
        self.source = source
        self.value = value
        self.isUser = isUser
    }

    /// Who is told, the best first; empty for a value that stands for itself.
    static func all(_ value: AttributeValue) -> [SourcedValue] { marked(value).values }

    /// As `all`, and which of them are hashed.
    static func marked(_ value: AttributeValue) -> (values: [SourcedValue], marks: HashMarks) {
        guard case .keyValues(var entries) = value else { return ([], HashMarks()) }
        let marks = HashMarks.take(from: &entries)
        return (entries.map { SourcedValue(source: $0.key, value: $0.value) }, marks)
    }
}
