package import Settings

/// Settings for counting events.
package struct EventSettings: Sendable {
    /// `odometer.events`.
    package var metrics: EventMetricsSettings
    /// Bytes of a label's value; longer ones are shown as `other`. Default 256.
    package var labelValueLengthLimit: Int
    /// Bytes of the metrics made of one export. Default 64 MiB, as for decoding.
    package var derivedBytesLimit: Int
    /// Attributes that identify the user, the best first; the first that an event has is used.
    package var userAttributes = UserAttributes.all

    /// Keeps every attribute of the resource, because a page shows them as labels. Default false: only those behind
    /// `job` and `instance`.
    package var keepsResource = false
    /// Keeps all attributes that identify the user, the best first, and not only the first: a page's processors may
    /// delete it. Default false.
    package var keepsAllUserAttributes = false
    /// Computes the identity of an event whose record processors have changed, from the identity of the record as
    /// received. So an event is recognised although its ids were deleted. It is keyed, so that nobody can test guesses
    /// of the content without the secret. Default nil: not needed, as nothing is changed.
    package var identityCode: (@Sendable (UInt64) -> UInt64)?

    /// The scope of all metrics made of events.
    package static let scopeName = "odometer.events"

    package init(
        _ metrics: EventMetricsSettings = EventMetricsSettings(), labelValueLengthLimit: Int = 256,
        derivedBytesLimit: Int = 64 << 20
    ) {
        self.metrics = metrics
        self.labelValueLengthLimit = labelValueLengthLimit
        self.derivedBytesLimit = derivedBytesLimit
    }

    /// The built-in rules, if enabled, and those of the user.
    package var rules: [EventRule] { (metrics.hasBuiltInRules ? EventRule.builtIn : []) + metrics.rules }
}
