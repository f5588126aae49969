internal import OTLP
internal import Series
internal import Settings

/// The identity of a resource in Prometheus: `job` and `instance` (R-LAB-10).
struct ResourceLabels: Hashable {
    /// `service.namespace/service.name`, or the name alone; empty without a name.
    private(set) var job: [UInt8] = []
    /// `service.instance.id`; empty without one.
    private(set) var instance: [UInt8] = []

    init(_ resource: Resource) {
        var name: AttributeValue?
        var namespace: AttributeValue?
        // Of equal keys the last one is used, as for attributes of a point.
        for attribute in resource.attributes {
            if attribute.key == Self.serviceName {
                name = attribute.value
            } else if attribute.key == Self.serviceNamespace {
                namespace = attribute.value
            } else if attribute.key == Self.serviceInstanceID {
                instance = []
                AttributeText.append(attribute.value, to: &instance)
            }
        }
        guard let name else { return }
        if let namespace {
            AttributeText.append(namespace, to: &job)
            if !job.isEmpty { job.append(UInt8(ascii: "/")) }
        }
        AttributeText.append(name, to: &job)
    }

    func addIdentity(to labels: inout LabelSet) throws(RejectionReason) {
        try labels.add(AddedLabel.job, job)
        try labels.add(AddedLabel.instance, instance)
    }

    /// The labels after the policy.
    func shown(by policy: LabelPolicy) -> ResourceLabels {
        guard !policy.isEmpty else { return self }
        var shown = self
        shown.job = Self.shown(job, as: AddedLabel.job, by: policy)
        shown.instance = Self.shown(instance, as: AddedLabel.instance, by: policy)
        return shown
    }

    private static func shown(_ value: [UInt8], as name: [UInt8], by policy: LabelPolicy) -> [UInt8] {
        switch policy.action(of: name[...]) {
        case .drop: []
        case .hash: policy.hash.digits(of: value[...])
        case .keep, nil: value
        }
    }

    /// Adds the result of `shown(by:)`.
    func addShown(to labels: inout LabelSet) throws(RejectionReason) {
        try labels.addConstant(AddedLabel.job, job)
        try labels.addConstant(AddedLabel.instance, instance)
    }

    /// Whether `job` or `instance` is made of the attribute with this key.
    static func isIdentity(_ key: [UInt8]) -> Bool {
        key == serviceName || key == serviceNamespace || key == serviceInstanceID
    }

    private static let serviceName = Array("service.name".utf8)
    private static let serviceNamespace = Array("service.namespace".utf8)
    private static let serviceInstanceID = Array("service.instance.id".utf8)
}
