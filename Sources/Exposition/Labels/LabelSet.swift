internal import OTLP
internal import Series
internal import Settings

/// The labels of one series while they are collected: names and values in one buffer, sorted at the end.
///
/// Used once, on one thread. It must not be used after an error.
struct LabelSet {
    /// One label: `text[name]` and `text[value]`.
    private struct Label {
        /// The first 8 bytes of the name as a big-endian number, padded with zeros: decides nearly every comparison.
        var order: UInt64
        var name: Range<Int>
        var value: Range<Int>
        /// Index into `keys`; nil for a label without an attribute.
        var key: Int?
        /// Shown hashed; applies to all labels with the same name.
        var isHashed: Bool
        /// The point itself carries it, so it is shown in full or the point is rejected; all others are cut.
        var isOwn: Bool
    }

    private let valueLimit: Int
    private let naming: LabelNaming
    private let policy: LabelPolicy
    /// Whether `user` is used, so that an attribute must not have the name.
    private var hasUser = false
    private var text: [UInt8] = []
    private var labels: [Label] = []
    /// The original keys of the attributes; they set the order of joined values.
    private var keys: [[UInt8]] = []
    private var cuts = LabelCuts()

    /// - Parameters:
    ///   - capacity: expected number of labels.
    ///   - valueLimit: bytes of a value.
    ///   - naming: converts attribute keys to labels.
    ///   - policy: which labels are left out or hashed.
    init(capacity: Int, valueLimit: Int, naming: LabelNaming, policy: LabelPolicy) {
        self.valueLimit = valueLimit
        self.naming = naming
        self.policy = policy
        labels.reserveCapacity(capacity)
        keys.reserveCapacity(capacity)
        text.reserveCapacity(capacity &* 48)
    }

    /// Adds a label of this program. At most once for each name, and never a name that an attribute can have.
    mutating func add(_ name: [UInt8], _ value: [UInt8]) throws(RejectionReason) {
        try add(name, value, policy.action(of: name[...]) ?? .keep)
    }

    /// Adds a label of the configuration: the policy does not apply to it.
    mutating func addConstant(_ name: [UInt8], _ value: [UInt8]) throws(RejectionReason) {
        try add(name, value, .keep)
    }

    /// Adds the label `user`, before any attribute: an attribute of that name is shown as `exported_user`.
    mutating func addUser(_ user: SourcedValue) throws(RejectionReason) {
        hasUser = true
        var value: [UInt8] = []
        AttributeText.append(user.value, to: &value)
        try add(AddedLabel.user, value, policy.action(ofUser: AddedLabel.user[...], from: user.source))
    }

    private mutating func add(
        _ name: [UInt8], _ value: [UInt8], _ action: LabelAction
    ) throws(RejectionReason) {
        if value.isEmpty || action == .drop { return }
        let start = text.count
        text.append(contentsOf: name)
        let valueStart = text.count
        text.append(contentsOf: value)
        try append(name: start..<valueStart, key: nil, isHashed: action == .hash)
    }

    /// Adds an attribute of a data point or a resource, renamed if a constant label has its name; nothing if its key is
    /// empty.
    /// - Parameter isOwn: the point itself carries it.
    mutating func add(
        _ attribute: Attribute, besides constant: ConstantLabels, isOwn: Bool
    ) throws(RejectionReason) {
        if attribute.key.isEmpty { return }
        let start = text.count
        naming.appendName(ofAttribute: attribute.key, to: &text)
        LabelNaming.avoid(constant, nameAt: start, in: &text)
        if hasUser { LabelNaming.avoid(AddedLabel.user, nameAt: start, in: &text) }
        try addValue(of: attribute, nameStart: start, policy.action(of: text[start...]) ?? .keep, isOwn: isOwn)
    }

    /// Adds an attribute whose value includes its source, under its own name.
    mutating func add(
        _ key: [UInt8], _ value: SourcedValue, besides constant: ConstantLabels
    ) throws(RejectionReason) {
        if key.isEmpty { return }
        let start = text.count
        naming.appendName(ofAttribute: key, to: &text)
        LabelNaming.avoid(constant, nameAt: start, in: &text)
        try addValue(
            of: Attribute(key: key, value: value.value), nameStart: start,
            value.isUser
                ? policy.action(ofUser: text[start...], from: value.source)
                : policy.action(of: text[start...], from: value.source))
    }

    /// Adds an attribute of a scope; nothing if its key is empty or its label is one that every scope has (R-LAB-08).
    mutating func addScopeAttribute(_ attribute: Attribute) throws(RejectionReason) {
        if attribute.key.isEmpty { return }
        let start = text.count
        naming.appendName(ofScopeAttribute: attribute.key, to: &text)
        if AddedLabel.ofScope.contains(where: { text[start...].elementsEqual($0) }) {
            text.removeSubrange(start...)
        } else {
            try addValue(of: attribute, nameStart: start, policy.action(of: text[start...]) ?? .keep)
        }
    }

    /// The name extends to the end of the text.
    private mutating func addValue(
        of attribute: Attribute, nameStart: Int, _ action: LabelAction, isOwn: Bool = false
    ) throws(RejectionReason) {
        guard action != .drop else {
            text.removeSubrange(nameStart...)
            return
        }
        let name = nameStart..<text.count
        AttributeText.append(attribute.value, to: &text)
        keys.append(attribute.key)
        try append(name: name, key: keys.count - 1, isHashed: action == .hash, isOwn: isOwn)
    }

    private mutating func append(
        name: Range<Int>, key: Int?, isHashed: Bool, isOwn: Bool = false
    ) throws(RejectionReason) {
        if text.count - name.upperBound > valueLimit {
            if isOwn { throw .labelValueLimit }
            // A hash is always short.
            if !isHashed {
                Self.cut(&text, from: name.upperBound, to: valueLimit)
                cuts.noteCut(text[name])
            }
        }
        let value = name.upperBound..<text.count
        var order: UInt64 = 0
        for position in name.prefix(8) { order = order << 8 | UInt64(text[position]) }
        if name.count < 8 { order <<= UInt64(8 * (8 - name.count)) }
        labels.append(Label(order: order, name: name, value: value, key: key, isHashed: isHashed, isOwn: isOwn))
    }

    /// Cuts what begins at `start` to at most `limit` bytes, between two characters.
    private static func cut(_ text: inout [UInt8], from start: Int, to limit: Int) {
        var end = start + limit
        while end > start, ASCII.isContinuation(text[end]) { end -= 1 }
        text.removeSubrange(end...)
    }

    /// The label set as between the braces of the text format: sorted by name, escaped, each name once, without empty
    /// values (R-LAB-06, R-LAB-07).
    ///
    /// Attributes with the same label have their values joined by `;` in the order of their original keys (R-LAB-04);
    /// of equal keys the last one is used. At most `labelLimit` labels come from attributes: those of the point, then
    /// the first others by name.
    ///
    /// - Throws: `labelLimit` if the point itself carries more than `labelLimit`, `labelValueLimit` if its own joined
    ///   values are too long.
    consuming func render(labelLimit: Int) throws(RejectionReason) -> (text: [UInt8], cuts: LabelCuts) {
        sort()
        dropOverwritten()
        var others = try roomForOthers(labelLimit)
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 4 * labels.count + 16)
        var next = 0
        while next < labels.count {
            let group = group(at: next)
            let first = labels[next]
            next = group.upperBound
            if isEmpty(group) { continue }
            if first.key != nil, !isOwn(group) {
                guard others > 0 else {
                    cuts.noteLeftOut(text[first.name])
                    continue
                }
                others -= 1
            }
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            appendName(text[first.name], to: &result)
            result.append(UInt8(ascii: "="))
            result.append(UInt8(ascii: "\""))
            if group.count == 1, !first.isHashed {
                // The usual case; its length was checked when it was added.
                TextEscaping.appendLabelValue(text[first.value], to: &result)
            } else if labels[group].contains(where: \.isHashed) {
                result.append(contentsOf: try hashedValue(of: group))
            } else {
                try appendJoinedValues(of: group, to: &result)
            }
            result.append(UInt8(ascii: "\""))
        }
        return (result, cuts)
    }

    /// The number of labels that fit besides those that the point itself carries.
    private func roomForOthers(_ labelLimit: Int) throws(RejectionReason) -> Int {
        // The usual case.
        if labels.count <= labelLimit { return labelLimit }
        var own = 0
        var next = 0
        while next < labels.count {
            let group = group(at: next)
            next = group.upperBound
            if isOwn(group), !isEmpty(group) { own += 1 }
        }
        guard own <= labelLimit else { throw .labelLimit }
        return labelLimit - own
    }

    /// The labels from `start` on that have one name.
    private func group(at start: Int) -> Range<Int> {
        var end = start + 1
        while end < labels.count, hasEqualName(labels[start], labels[end]) { end += 1 }
        return start..<end
    }

    /// A single label without a value counts as absent.
    private func isEmpty(_ group: Range<Int>) -> Bool {
        group.count == 1 && labels[group.lowerBound].value.isEmpty
    }

    private func isOwn(_ group: Range<Int>) -> Bool { labels[group].contains(where: \.isOwn) }

    /// In quotes if the name needs them, as in Prometheus 3.
    private func appendName(_ name: ArraySlice<UInt8>, to result: inout [UInt8]) {
        guard naming.keepsUTF8, !LabelNaming.isClassic(name) else {
            result.append(contentsOf: name)
            return
        }
        result.append(UInt8(ascii: "\""))
        TextEscaping.appendLabelValue(name, to: &result)
        result.append(UInt8(ascii: "\""))
    }

    private mutating func appendJoinedValues(of group: Range<Int>, to result: inout [UInt8]) throws(RejectionReason) {
        var joined = try joinedValues(of: group)
        if joined.count > valueLimit {
            Self.cut(&joined, from: 0, to: valueLimit)
            cuts.noteCut(text[labels[group.lowerBound].name])
        }
        TextEscaping.appendLabelValue(joined[...], to: &result)
    }

    private func hashedValue(of group: Range<Int>) throws(RejectionReason) -> [UInt8] {
        let first = labels[group.lowerBound]
        if group.count == 1 { return policy.hash.digits(of: text[first.value]) }
        return policy.hash.digits(of: try joinedValues(of: group)[...])
    }

    /// - Throws: `labelValueLimit` if the value that the point itself carries is too long.
    private func joinedValues(of group: Range<Int>) throws(RejectionReason) -> [UInt8] {
        var joined: [UInt8] = []
        var own = -1
        for (position, label) in labels[group].enumerated() {
            if position > 0 { joined.append(UInt8(ascii: ";")) }
            joined.append(contentsOf: text[label.value])
            if label.isOwn { own += label.value.count + 1 }
        }
        guard own <= valueLimit else { throw .labelValueLimit }
        return joined
    }

    /// Of attributes with one key keeps the last.
    private mutating func dropOverwritten() {
        guard labels.indices.contains(where: isOverwritten) else { return }
        labels = labels.indices.filter { !isOverwritten($0) }.map { labels[$0] }
    }

    /// Whether the next label is of the same attribute.
    private func isOverwritten(_ position: Int) -> Bool {
        guard position + 1 < labels.count else { return false }
        let (label, next) = (labels[position], labels[position + 1])
        return hasEqualName(label, next) && hasEqualKey(label, next)
    }

    private mutating func sort() {
        // The text is taken out so that the comparison does not copy the set.
        let (text, keys) = (text, keys)
        labels.sort { left, right in
            if left.order != right.order { return left.order < right.order }
            if let isLess = Self.compare(text[left.name], text[right.name]) { return isLess }
            if let leftKey = left.key, let rightKey = right.key {
                if let isLess = Self.compare(keys[leftKey][...], keys[rightKey][...]) { return isLess }
                return leftKey < rightKey
            }
            return false
        }
    }

    /// Whether `left` comes before `right` by bytes; nil when they are equal.
    private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool? {
        for (leftByte, rightByte) in zip(left, right) where leftByte != rightByte { return leftByte < rightByte }
        return left.count == right.count ? nil : left.count < right.count
    }

    private func hasEqualName(_ left: Label, _ right: Label) -> Bool {
        left.order == right.order && left.name.count == right.name.count
            && text[left.name].elementsEqual(text[right.name])
    }

    private func hasEqualKey(_ left: Label, _ right: Label) -> Bool {
        guard let leftKey = left.key, let rightKey = right.key else { return false }
        return keys[leftKey] == keys[rightKey]
    }
}
