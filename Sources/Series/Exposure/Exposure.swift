package import OTLP

/// How a stream is shown to Prometheus: the family it belongs to and its label set, in their final bytes.
package struct Exposure: Equatable, Sendable {
    package var family: FamilyDescriptor
    /// The label set as between the braces in the text format (`a="b",c="d"`), escaped, sorted by label
    /// name, labels with empty values left out (R-LAB-07). Two streams with equal bytes here and one family are one
    /// exposed series.
    package var labels: [UInt8]
    /// Labels left out and values cut because of limits.
    package var cuts: LabelCuts

    package init(family: FamilyDescriptor, labels: [UInt8], cuts: LabelCuts = LabelCuts()) {
        self.family = family
        self.labels = labels
        self.cuts = cuts
    }
}

/// Labels left out of series, and values cut, because of limits; only labels that the configuration adds.
package struct LabelCuts: Equatable, Sendable {
    /// Values cut to the maximum length.
    package private(set) var values = 0
    /// Labels left out beyond the maximum number.
    package private(set) var labels = 0
    /// The name of the first label of each kind; nil if there is none.
    package private(set) var firstValueOf: [UInt8]?
    package private(set) var firstLabel: [UInt8]?

    package init() {}

    /// Whether nothing was cut or left out.
    package var isEmpty: Bool { values == 0 && labels == 0 }

    /// Counts a value that was cut.
    /// - Parameter name: of its label.
    package mutating func noteCut(_ name: ArraySlice<UInt8>) {
        values += 1
        if firstValueOf == nil { firstValueOf = Array(name) }
    }

    /// Counts a label that was left out.
    package mutating func noteLeftOut(_ name: ArraySlice<UInt8>) {
        labels += 1
        if firstLabel == nil { firstLabel = Array(name) }
    }

    mutating func add(_ other: LabelCuts) {
        values += other.values
        labels += other.labels
        firstValueOf = firstValueOf ?? other.firstValueOf
        firstLabel = firstLabel ?? other.firstLabel
    }
}

/// One family, as in a `# TYPE` line.
package struct FamilyDescriptor: Equatable, Sendable {
    /// The whole family name with unit and `_total`, e.g. `claude_code_token_usage_tokens_total`.
    package var name: [UInt8]
    package var type: FamilyType
    /// The unit that is a suffix of the name (`tokens`); empty if there is none.
    package var unit: [UInt8]

    package init(name: [UInt8], type: FamilyType, unit: [UInt8] = []) {
        self.name = name
        self.type = type
        self.unit = unit
    }
}

/// The Prometheus type of a family (R-TYPE-01..08).
package enum FamilyType: UInt8, Sendable {
    case counter
    case gauge
    /// Explicit bounds.
    case histogram
    /// An exponential histogram: native in the protobuf format, only `+Inf` in the text formats (R-TYPE-07).
    case nativeHistogram
    case summary
    /// Gauges whose metadata says so (R-TYPE-01).
    case unknown
    case info
    case stateset
}

/// Translates identities as received to names, units and labels. Implemented by `Exposition`; called once for each
/// stream.
package protocol StreamTranslation: Sendable {
    /// - Throws: the reason why no point of this stream can ever be shown.
    func exposure(of stream: StreamIdentity) throws(RejectionReason) -> Exposure

    /// The same for a stream of a metric whose family is known from another stream: faster when very many streams are
    /// restored.
    func exposure(of stream: StreamIdentity, in family: FamilyDescriptor) throws(RejectionReason) -> Exposure

    /// Whether the metric is shown. Points of a metric that is not shown count as filtered, and create no stream.
    /// Called once for each metric.
    func isShown(_ metric: MetricIdentity) -> Bool

    /// The label set of an exemplar, rendered like `Exposure.labels` (R-EX-01, R-EX-02): trace_id and span_id as
    /// lower-case hex where they are not empty, then the filtered attributes unless the set would exceed 128 code
    /// points with them.
    /// - Parameters:
    ///   - traceID: 16 bytes or none; read only during the call, as is `spanID`.
    ///   - spanID: 8 bytes or none.
    ///   - attributes: sorted by key bytes, empty keys left out, of equal keys the last one.
    func exemplarLabels(
        traceID: UnsafeRawBufferPointer, spanID: UnsafeRawBufferPointer, attributes: [Attribute]
    ) -> [UInt8]
}

extension StreamTranslation {
    /// For translations that show everything.
    package func isShown(_ metric: MetricIdentity) -> Bool { true }

    /// The default: determines the family again.
    package func exposure(of stream: StreamIdentity, in family: FamilyDescriptor) throws(RejectionReason) -> Exposure {
        try exposure(of: stream)
    }
}
