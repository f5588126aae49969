/// `odometer.log`: how much of the log may wait for whoever reads standard error; what is beyond it is dropped and counted.
package struct LogConfig: Equatable, Sendable {
    /// `max_backlog`: bytes that wait. Default 1 MiB.
    package var backlogLimit = 1 << 20
    /// `max_backlog_lines`: lines that wait. Default 10,000.
    package var backlogLinesLimit = 10_000

    package init() {}
}
