package import OTLP
internal import Patterns
package import Series
internal import Settings

/// The Collector's default translation (`UnderscoreEscapingWithSuffixes`) of OTLP streams into Prometheus series.
///
/// Names equal those of the Collector's Prometheus exporter byte for byte; labels as well, but no attribute causes its
/// point to be dropped: where the Collector drops a point, a key is renamed or values are joined instead (R-LAB-04,
/// R-LAB-05).
///
/// Pure, and a function of the identity only: equal identities give equal bytes, in any order of calls, on any thread.
package struct PrometheusTranslation: StreamTranslation {
    package let settings: TranslationSettings

    package init(settings: TranslationSettings = TranslationSettings()) {
        self.settings = settings
    }

    /// Whether no `filter` drops it.
    package func isShown(_ metric: MetricIdentity) -> Bool {
        settings.droppedMetrics == .any([])
            || !settings.droppedMetrics.holds(for: String(decoding: metric.name, as: UTF8.self))
    }

    /// - Throws: `emptyName`, `unsupportedType` (a metric without data), `labelLimit` or `labelValueLimit`.
    package func exposure(of stream: StreamIdentity) throws(RejectionReason) -> Exposure {
        // Processors change attributes; the family depends on the metric alone.
        try exposure(of: stream, in: try FamilyNaming(settings).descriptor(of: stream.metric))
    }

    /// - Parameter family: the result of `FamilyNaming` for the stream's metric.
    /// - Throws: `labelLimit` or `labelValueLimit`.
    package func exposure(
        of stream: StreamIdentity, in family: FamilyDescriptor
    ) throws(RejectionReason) -> Exposure {
        let received = stream.attributes
        let stream = processed(stream)
        var labels = LabelSet(
            capacity: AddedLabel.count + stream.scope.attributes.count + stream.attributes.count,
            valueLimit: settings.labels.maxLabelValueLength, naming: LabelNaming(keepsUTF8: settings.keepsUTF8),
            policy: settings.labelPolicy)
        try ResourceLabels(stream.resource).addIdentity(to: &labels)
        for (name, value) in settings.constantLabels.labels {
            try labels.addConstant(name, value)
        }
        if settings.showsScope {
            try addScope(stream.scope, to: &labels)
        }
        try addAttributes(of: stream, received: received, to: &labels)
        if settings.resourceAttributes != .none {
            try addResource(stream.resource, of: stream, to: &labels)
        }
        let rendered = try labels.render(labelLimit: settings.labels.maxLabels)
        return Exposure(family: family, labels: rendered.text, cuts: rendered.cuts)
    }

    private func processed(_ stream: StreamIdentity) -> StreamIdentity {
        guard !SourcedValue.isUsed(in: stream.scope) else {
            return settings.eventLabels.process(stream, with: settings.processors)
        }
        if settings.processors.isEmpty { return stream }
        return AttributeProcessor.process(stream, with: settings.processors)
    }

    /// See `ExemplarLabels`.
    package func exemplarLabels(
        traceID: UnsafeRawBufferPointer, spanID: UnsafeRawBufferPointer, attributes: [Attribute]
    ) -> [UInt8] {
        ExemplarLabels.render(
            traceID: traceID, spanID: spanID, attributes: attributes, policy: settings.labelPolicy)
    }

    /// Adds attributes of the point, and its user. Values set by processors or event rules are not the point's own.
    private func addAttributes(
        of stream: StreamIdentity, received: [Attribute], to labels: inout LabelSet
    ) throws(RejectionReason) {
        guard !SourcedValue.isUsed(in: stream.scope) else {
            // The event rules decide which of these labels exist.
            for attribute in stream.attributes {
                if let value = settings.eventLabels.sourced(attribute, of: stream.metric.name) {
                    try labels.add(attribute.key, value, besides: settings.constantLabels)
                } else {
                    try labels.add(attribute, besides: settings.constantLabels, isOwn: false)
                }
            }
            return
        }
        if let user = settings.labelPolicy.user(in: stream.attributes),
            !settings.constantLabels.contains(AddedLabel.user[...])
        {
            try labels.addUser(user)
        }
        for attribute in stream.attributes {
            let isOwn = settings.processors.isEmpty || received.contains(attribute)
            try labels.add(attribute, besides: settings.constantLabels, isOwn: isOwn)
        }
    }

    private func addScope(_ scope: Scope, to labels: inout LabelSet) throws(RejectionReason) {
        try labels.add(AddedLabel.scopeName, scope.name)
        try labels.add(AddedLabel.scopeVersion, scope.version)
        try labels.add(AddedLabel.scopeSchemaURL, scope.schemaURL)
        for attribute in scope.attributes {
            try labels.addScopeAttribute(attribute)
        }
    }

    /// Adds attributes of the resource, except those that the point itself has (R-LAB-12, R-LAB-13).
    private func addResource(
        _ resource: Resource, of stream: StreamIdentity, to labels: inout LabelSet
    ) throws(RejectionReason) {
        let withoutService = settings.resourceAttributes == .allButService
        for attribute in resource.attributes {
            if withoutService, ResourceLabels.isIdentity(attribute.key) { continue }
            if stream.attributes.contains(where: { $0.key == attribute.key }) { continue }
            try labels.add(attribute, besides: settings.constantLabels, isOwn: false)
        }
    }
}
