/// `odometer.forward`: what holds for all exporters that pass telemetry on.
package struct ForwardingConfig: Equatable, Sendable {
    /// `max_attempts_while_others_succeed`: failed attempts after which an export is given up, of those between which the
    /// destination took others; 0 (nil): never. Default 30.
    package var attemptsWhileOthersSucceed: Int? = 30
    /// `report_interval`: how often the log tells that exports still wait. Default 5 minutes.
    package var reportInterval: Duration = .seconds(300)

    package init() {}
}
