package import Settings

/// What is counted of events, and how much of it.
package struct EventSettings: Sendable {
    /// `odometer.events`.
    package var metrics: EventMetricsSettings
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
        _ metrics: EventMetricsSettings = EventMetricsSettings(), labelValueLengthLimit: Int = 256,
        derivedBytesLimit: Int = 64 << 20
    ) {
        self.metrics = metrics
        self.labelValueLengthLimit = labelValueLengthLimit
        self.derivedBytesLimit = derivedBytesLimit
    }

    /// What events count as: the built-in rules, where they count, and those of the user.
    package var rules: [EventRule] { (metrics.hasBuiltInRules ? EventRule.builtIn : []) + metrics.rules }
}
