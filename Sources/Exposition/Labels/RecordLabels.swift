package import OTLP
internal import Settings

/// The labels that the attributes of a log record, a span or a data point would have on a page, for matchers of
/// `odometer forget`. Those of a record take precedence over those of its resource.
package struct RecordLabels {
    private let resource: [Attribute]
    private let record: [Attribute]
    private let policy: LabelPolicy

    /// - Parameter policy: hashes labels as on pages; labels that it leaves out are matched nevertheless.
    package init(resource: [Attribute], record: [Attribute], policy: LabelPolicy = LabelPolicy()) {
        self.resource = resource
        self.record = record
        self.policy = policy
    }

    /// The value of a label, by the name of the label or the key of the attribute; empty if absent.
    package func value(of label: String) -> String {
        let name = Array(label.utf8)
        if let value = attribute(name, in: record) { return shown(value, as: name) }
        switch name {
        case AddedLabel.job: return shown(ResourceLabels(Resource(attributes: resource)).job, as: name)
        case AddedLabel.instance: return shown(ResourceLabels(Resource(attributes: resource)).instance, as: name)
        case AddedLabel.user where !policy.userAttributes.isEmpty: return user()
        default: return attribute(name, in: resource).map { shown($0, as: name) } ?? ""
        }
    }

    /// Of equal names the last one is used, as on pages.
    private func attribute(_ name: [UInt8], in attributes: [Attribute]) -> [UInt8]? {
        let naming = LabelNaming(keepsUTF8: false)
        var label: [UInt8] = []
        guard
            let found = attributes.last(where: { attribute in
                if attribute.key == name { return true }
                guard !attribute.key.isEmpty else { return false }
                label.removeAll(keepingCapacity: true)
                naming.appendName(ofAttribute: attribute.key, to: &label)
                return label == name
            })
        else { return nil }
        var text: [UInt8] = []
        AttributeText.append(found.value, to: &text)
        return text
    }

    private func user() -> String {
        guard let user = policy.user(in: record) ?? policy.user(in: resource), case .string(let text) = user.value
        else {
            return ""
        }
        let isHashed = policy.action(ofUser: AddedLabel.user[...], from: user.source) == .hash
        return String(decoding: isHashed ? policy.hash.digits(of: text[...]) : text, as: UTF8.self)
    }

    private func shown(_ value: [UInt8], as name: [UInt8]) -> String {
        let isHashed = policy.action(of: name[...]) == .hash
        return String(decoding: isHashed ? policy.hash.digits(of: value[...]) : value, as: UTF8.self)
    }
}
