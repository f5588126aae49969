internal import OTLP
package import Series
internal import Settings

/// `target_info`: the attributes of resources, one series for each (job, instance) (R-TGT-01..05).
package struct TargetInfo: Sendable {
    private static let name = Array("target_info".utf8)
    private static let help = Array("Target metadata".utf8)

    private let settings: TranslationSettings

    package init(settings: TranslationSettings) {
        self.settings = settings
    }

    /// The snapshot with the targets as an additional family, in order.
    ///
    /// A gauge in every format, as in the Collector, and first in OpenMetrics. The targets are added to an
    /// application's family of the same name if that is a gauge or an info; otherwise only that family is shown.
    /// Complexity: O(targets log targets + families).
    package func added(to snapshot: SeriesSnapshot) -> SeriesSnapshot {
        let samples = samples(of: snapshot.targets)
        guard !samples.isEmpty else { return snapshot }
        var result = snapshot
        let name = FamilyNaming(settings).name(ofOwn: Self.name)
        let position = result.families.firstIndex { !$0.descriptor.name.lexicographicallyPrecedes(name) }
        guard let position, result.families[position].descriptor.name == name else {
            var family = FamilySnapshot(
                descriptor: FamilyDescriptor(name: name, type: .gauge), help: Self.help, samples: samples)
            family.isTargetInfo = true
            result.families.insert(family, at: position ?? result.families.endIndex)
            return result
        }
        let type = result.families[position].descriptor.type
        if type == .gauge || type == .info {
            result.families[position].isTargetInfo = true
            let taken = Set(result.families[position].samples.map(\.labels))
            result.families[position].samples += samples.filter { !taken.contains($0.labels) }
            result.families[position].samples.sort { $0.labels.lexicographicallyPrecedes($1.labels) }
        }
        return result
    }

    /// Sorted by labels.
    private func samples(of targets: [TargetSnapshot]) -> [SeriesSample] {
        var shared: [ResourceLabels: [[UInt8]: [UInt8]]] = [:]
        for target in targets {
            let resource = AttributeProcessor.process(target.resource, with: settings.processors)
            // The policy comes before targets are distinguished: targets that become equal must be shown once.
            let identity = ResourceLabels(resource).shown(by: settings.labelPolicy)
            guard isShown(identity) else { continue }
            let texts = texts(of: resource)
            // A target without an instance is shown only if it has attributes.
            guard !texts.isEmpty || !identity.instance.isEmpty else { continue }
            // Attributes on which two resources of one target differ, or that only one has, are left out.
            shared[identity] = shared[identity].map { known in known.filter { texts[$0.key] == $0.value } } ?? texts
        }
        return shared.compactMap { identity, texts in
            guard let labels = labels(of: identity, texts) else { return nil }
            return SeriesSample(labels: labels, value: .number(.int(1)))
        }.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
    }

    private func isShown(_ identity: ResourceLabels) -> Bool {
        switch settings.targetInfo {
        case .collector: !identity.job.isEmpty && !identity.instance.isEmpty
        case .always: !identity.job.isEmpty || !identity.instance.isEmpty
        }
    }

    /// The values by key, of equal keys the last one, without those in job and instance (R-TGT-02).
    private func texts(of resource: Resource) -> [[UInt8]: [UInt8]] {
        var texts: [[UInt8]: [UInt8]] = [:]
        for attribute in resource.attributes
        where !attribute.key.isEmpty && !ResourceLabels.isIdentity(attribute.key) {
            var text: [UInt8] = []
            AttributeText.append(attribute.value, to: &text)
            texts[attribute.key] = text
        }
        return texts
    }

    /// Too long values are cut and too many labels left out, as for series: nothing is rejected, so never nil.
    private func labels(of identity: ResourceLabels, _ texts: [[UInt8]: [UInt8]]) -> [UInt8]? {
        let ordered = texts.filter { !$0.value.isEmpty }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return try? render(identity, ordered.map { Attribute(key: $0.key, value: .string($0.value)) })
    }

    private func render(_ identity: ResourceLabels, _ attributes: [Attribute]) throws(RejectionReason) -> [UInt8] {
        var labels = LabelSet(
            capacity: attributes.count + 2, valueLimit: settings.labels.maxLabelValueLength,
            naming: LabelNaming(keepsUTF8: settings.keepsUTF8), policy: settings.labelPolicy)
        try identity.addShown(to: &labels)
        for attribute in attributes { try labels.add(attribute, besides: ConstantLabels(), isOwn: false) }
        return try labels.render(labelLimit: settings.labels.maxLabels).text
    }
}
