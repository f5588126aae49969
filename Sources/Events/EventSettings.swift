/// What is counted of events, and how much of it.
package struct EventSettings: Sendable {
    /// What events count as. Default: the built-in rules.
    package var rules: [EventRule]
    /// Histograms are exponential ones, which Prometheus gets as native histograms in the protobuf format, instead of
    /// having the bounds of their rules. Default false.
    package var hasNativeHistograms = false
    /// Values that one label may have; further ones are shown as `other`. Default 1000.
    package var maxLabelValues: Int
    /// Bytes of a label's value; longer ones are shown as `other`. Default 256.
    package var labelValueLengthLimit: Int
    /// Bytes of the metrics that are made of one export. Default 64 MiB, as for decoding.
    package var derivedBytesLimit: Int
    /// Who a user is: attributes of events, the best first; the first that an event has counts.
    package var userAttributes = EventSettings.defaultUserAttributes

    /// Keeps every attribute of the resource, since a page shows them as labels. Default false: only those that `job` and
    /// `instance` are made of.
    package var keepsResource = false
    /// Keeps all attributes that tell who a user is, the best first, and not only the best one: a page's processors may
    /// delete it. Default false.
    package var keepsAllUserAttributes = false
    /// Makes the number that stands for an event whose record processors have changed. It is made of the record as it was
    /// received, so that an event is known although its ids were deleted, and has to be one that nobody can try contents
    /// on without a secret. Default nil: none is needed, as nothing is changed.
    package var identityCode: (@Sendable (UInt64) -> UInt64)?

    /// The scope of all metrics that are made of events.
    package static let scopeName = "odometer.events"

    package static let defaultUserAttributes = ["user.email", "user.account_id", "user.account_uuid", "user.id"]

    package init(
        rules: [EventRule] = EventRule.builtIn, maxLabelValues: Int = 1000, labelValueLengthLimit: Int = 256,
        derivedBytesLimit: Int = 64 << 20
    ) {
        self.rules = rules
        self.maxLabelValues = maxLabelValues
        self.labelValueLengthLimit = labelValueLengthLimit
        self.derivedBytesLimit = derivedBytesLimit
    }
}
