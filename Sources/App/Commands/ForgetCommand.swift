internal import ArgumentParser
internal import ConfigFile
internal import Journal
internal import Pipeline
internal import Platform
internal import Settings

/// `odometer forget`: removes series, or an unclaimed queue, from the state, of a running or a stopped collector.
struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove series, or the queue of an exporter that is gone; without --yes, only list them.",
        discussion: """
            Matchers are those of PromQL: 'user_email="a@b.c"', 'job=~"test-.*"', 'name_total{job="x"}'. All of them \
            must match. Names and labels are those of /metrics. If a collector runs with the same state directory, it \
            removes the series; otherwise this command changes the directory.
            """)

    @OptionGroup var configArguments: ConfigArguments

    @Flag(help: "Remove them. This cannot be undone.")
    var yes = false

    @Option(
        help: "Remove the queue of this exporter, which the configuration no longer has.")
    var exporter: String?

    @Argument(help: "Label matchers or selectors.")
    var matchers: [String] = []

    func validate() throws {
        guard matchers.isEmpty == (exporter != nil) else {
            throw ValidationError(
                exporter == nil ? "expected a matcher or --exporter" : "--exporter cannot be combined with matchers")
        }
    }

    func run() throws {
        let selection = try selection()
        let config = try configArguments.load()
        let directory = config.state.path
        guard !directory.isEmpty else {
            throw ForgetFailure("this configuration has no state directory (odometer.state.path is empty)")
        }
        guard access(directory + "/odometer.lock", F_OK) == 0 else {
            throw ForgetFailure("there is no state in \(directory)")
        }
        for _ in 0..<Self.attempts {
            guard let lines = try forget(selection, config) else { continue }
            for line in lines { print(line) }
            return
        }
        throw ForgetFailure("collectors with \(directory) start and stop too often; nothing is removed")
    }

    /// How often a collector may end before it has seen the request.
    private static let attempts = 5

    /// - Returns: the lines of the report; nil if a collector ended meanwhile.
    private func forget(_ selection: SeriesSelection?, _ config: AppConfig) throws -> [String]? {
        let stopped = StoppedApp(config, isConfirmed: yes)
        do {
            return try selection.map { try stopped.forget($0) } ?? stopped.forgetQueue(of: exporter ?? "")
        } catch let failure as StateFailure {
            guard case .journal(.held(_, let process)) = failure else { throw failure }
            return try RunningAppRequest(
                isConfirmed: yes, subject: exporter.map { .exporter($0) } ?? .series(matchers: matchers),
                process: process, directory: config.state.path
            ).outcome()
        }
    }

    /// Mistakes of the command line are reported first.
    private func selection() throws(ForgetFailure) -> SeriesSelection? {
        guard exporter == nil else { return nil }
        do throws(SeriesSelection.Fault) {
            return try SeriesSelection(matchers)
        } catch {
            throw ForgetFailure(error.description)
        }
    }
}
