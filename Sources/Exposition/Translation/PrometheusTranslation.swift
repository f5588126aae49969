package import OTLP
package import Series

/// The Collector's default translation (`UnderscoreEscapingWithSuffixes`) of OTLP streams into Prometheus series.
///
/// Names come out byte for byte as the Collector's Prometheus exporter writes them; labels as well, but no attribute
/// makes its point disappear: where the Collector drops a point, a key is renamed or values are joined instead
/// (R-LAB-04, R-LAB-05).
///
/// Pure, and a function of the identity alone: equal identities give equal bytes, in any order of calls, on any thread.
package struct PrometheusTranslation: StreamTranslation {
    package let settings: TranslationSettings

    package init(settings: TranslationSettings = TranslationSettings()) {
        self.settings = settings
    }

    /// - Throws: `emptyName`, `unsupportedType` (histograms and summaries), `labelLimit` or `labelValueLimit`.
    package func exposure(of stream: StreamIdentity) throws(RejectionReason) -> Exposure {
        let family = try FamilyNaming.descriptor(of: stream.metric)
        var labels = LabelSet(
            capacity: AddedLabel.count + stream.scope.attributes.count + stream.attributes.count,
            valueLimit: settings.labelValueLimit)
        try addIdentity(of: stream.resource, to: &labels)
        try labels.add(AddedLabel.scopeName, stream.scope.name)
        try labels.add(AddedLabel.scopeVersion, stream.scope.version)
        try labels.add(AddedLabel.scopeSchemaURL, stream.scope.schemaURL)
        for attribute in stream.scope.attributes {
            try labels.addScopeAttribute(attribute)
        }
        for attribute in stream.attributes {
            try labels.addPointAttribute(attribute)
        }
        return Exposure(family: family, labels: try labels.render(labelLimit: settings.labelLimit))
    }

    /// See `ExemplarLabels`.
    package func exemplarLabels(
        traceID: UnsafeRawBufferPointer, spanID: UnsafeRawBufferPointer, attributes: [Attribute]
    ) -> [UInt8] {
        ExemplarLabels.render(traceID: traceID, spanID: spanID, attributes: attributes)
    }

    /// `job` and `instance` (R-LAB-10).
    private func addIdentity(of resource: Resource, to labels: inout LabelSet) throws(RejectionReason) {
        var name: AttributeValue?
        var namespace: AttributeValue?
        var instance: AttributeValue?
        // Of equal keys the last one counts, as among the attributes of a point.
        for attribute in resource.attributes {
            if attribute.key == ResourceKey.serviceName {
                name = attribute.value
            } else if attribute.key == ResourceKey.serviceNamespace {
                namespace = attribute.value
            } else if attribute.key == ResourceKey.serviceInstanceID {
                instance = attribute.value
            }
        }
        if let name {
            var job: [UInt8] = []
            if let namespace {
                AttributeText.append(namespace, to: &job)
                if !job.isEmpty { job.append(UInt8(ascii: "/")) }
            }
            AttributeText.append(name, to: &job)
            try labels.add(AddedLabel.job, job)
        }
        if let instance {
            var text: [UInt8] = []
            AttributeText.append(instance, to: &text)
            try labels.add(AddedLabel.instance, text)
        }
    }
}

/// The resource attributes that become `job` and `instance`.
private enum ResourceKey {
    static let serviceName = Array("service.name".utf8)
    static let serviceNamespace = Array("service.namespace".utf8)
    static let serviceInstanceID = Array("service.instance.id".utf8)
}
