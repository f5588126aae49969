/// `odometer.forward`: settings of all exporters that forward.
package struct ForwardSettings: SettingGroup {
    /// Failed attempts after which an export is dropped, counting those between which the destination took others; 0
    /// (nil): never.
    package var maxAttemptsWhileOthersSucceed: Int? = 30
    /// How often the log says that failed exports wait.
    package var reportInterval = Duration.seconds(300)

    package init() {}

    package static let keys: [Key<ForwardSettings>] = [
        .count("max_attempts_while_others_succeed", \.maxAttemptsWhileOthersSucceed, in: 0...1_000_000_000),
        .duration("report_interval", \.reportInterval, atLeast: Ranges.shortestTimeout),
    ]
}
