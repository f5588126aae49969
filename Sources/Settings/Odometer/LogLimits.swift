/// `odometer.log`: how many log lines may wait for the reader of standard error; further ones are dropped and counted.
package struct LogLimits: SettingGroup {
    /// Bytes that wait.
    package var maxBacklog = 1 << 20
    /// Lines that wait.
    package var maxBacklogLines = 10_000

    package init() {}

    package static let keys: [Key<LogLimits>] = [
        .bytes("max_backlog", \.maxBacklog, in: (64 << 10)...(1 << 30)),
        .count("max_backlog_lines", \.maxBacklogLines, in: 100...10_000_000),
    ]
}
