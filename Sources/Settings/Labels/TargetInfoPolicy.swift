/// `odometer.target_info`: which resources become a `target_info`.
package enum TargetInfoPolicy: String, Equatable, Sendable, CaseIterable {
    /// Those with both job and instance (`service.name` and `service.instance.id`), as in the Collector.
    case collector
    /// Those with either of the two.
    case always
}
