internal import ArgumentParser
internal import ConfigFile
internal import Journal
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Series

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// `odometer forget`: removes series from the state, of a collector that runs or not.
struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove series from the collector's state; without --yes only list them.",
        discussion: """
            Matchers are PromQL's: 'user_email="a@b.c"', 'job=~"test-.*"', 'name_total{job="x"}'. All of them have to \
            match. Names and labels are those of /metrics. A collector that runs with the same state directory does it \
            itself; otherwise the directory is changed directly.
            """)

    @OptionGroup var configArguments: ConfigArguments

    @Flag(help: "Remove them. There is no way back.")
    var yes = false

    @Argument(help: "Label matchers or selectors.")
    var matchers: [String]

    func run() throws {
        let selection: SeriesSelection
        do throws(SeriesSelection.Fault) {
            selection = try SeriesSelection(matchers)
        } catch {
            throw ForgetFailure(error.description)
        }
        let config = try configArguments.load()
        let directory = config.state.path
        guard !directory.isEmpty else {
            throw ForgetFailure("this configuration keeps nothing on disk (odometer.state.path is empty)")
        }
        guard access(directory + "/odometer.lock", F_OK) == 0 else {
            throw ForgetFailure("there is no state in \(directory)")
        }
        do throws(StateFailure) {
            try forget(selection, config)
        } catch {
            guard case .journal(.held(_, let process)) = error else { throw error }
            try ask(process, in: directory)
        }
    }

    // MARK: A collector that does not run

    private func forget(_ selection: SeriesSelection, _ config: CollectorConfig) throws(StateFailure) {
        let now = SystemClock().now()
        var log = Logger(config.telemetry)
        log.logLevel = .warning
        var config = config
        // Whoever asks for something to be removed wants to know when that cannot be.
        config.state.isPathGiven = true
        // Matchers mean labels as they are shown.
        config = try LabelSecret.completed(config, log: log)
        let stores = config.prometheus.map {
            (name: $0.name, series: SharedSeries(SeriesStore($0, of: config, createdAt: now)))
        }
        guard let recovered = try RecoveredState(config, exporters: stores, now: now, log: log) else { return }
        let task = ForgetTask(selection: selection, stores: stores)
        let lines = task.lines(at: now)
        guard yes, !lines.isEmpty else {
            recovered.abandon()
            return show(lines, count: lines.count)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let state = try recovered.start(observer: SilentObserver(), on: group.next())
        let count = task.perform()
        let outcome = Result { try state.erase().wait() }
        state.close()
        if case .failure(let failure) = outcome {
            throw .journal(.unusable(failure as? JournalFailure ?? Self.unknown(failure, config.state.path)))
        }
        do throws(JournalFailure) {
            for name in try SetAsideFiles.remove(in: config.state.path) {
                print("removed \(name), which was set aside as damaged: nobody can say what it holds")
            }
        } catch {
            throw .journal(.unusable(error))
        }
        show(lines, count: count)
    }

    private static func unknown(_ failure: any Error, _ path: String) -> JournalFailure {
        JournalFailure(code: .other, operation: "erase records", path: path, reason: "\(failure)")
    }

    // MARK: A collector that runs

    /// How long a collector may take that has much to write.
    private static let patience: Duration = .seconds(120)

    private func ask(_ process: Int32?, in directory: String) throws {
        let outcomePath = ForgetRequest.outcomePath(in: directory)
        let requestPath = ForgetRequest.requestPath(in: directory)
        guard access(requestPath, F_OK) != 0 else {
            throw ForgetFailure("another request waits for the collector: \(requestPath)")
        }
        unlink(outcomePath)
        let request = ForgetRequest(isConfirmed: yes, matchers: matchers)
        guard ExchangedFile.write(request.bytes, to: requestPath) else {
            throw ForgetFailure("\(requestPath) cannot be written: \(String(cString: strerror(errno)))")
        }
        // Where it cannot be told, as from another container, it looks by itself before long.
        if let process, Self.isThisProgram(process) { _ = kill(process, ForgetRequest.signal) }
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if let bytes = ExchangedFile.take(outcomePath) {
                let lines = String(decoding: bytes, as: UTF8.self).split(
                    separator: "\n", omittingEmptySubsequences: false)
                let status = lines.first?.split(separator: " ") ?? []
                let rest = lines.dropFirst().map(String.init)
                guard status.first == "ok", let count = status.last.flatMap({ Int($0) }) else {
                    throw ForgetFailure(rest.joined(separator: "\n"))
                }
                return show(rest, count: count)
            }
            usleep(20_000)
        }
        unlink(requestPath)
        let holder = process.map { "process \($0)" } ?? "the process"
        throw ForgetFailure("\(holder) that holds \(directory) did not answer; nothing is known to be removed")
    }

    /// Whether a process runs the program that this one runs: a number from another container means somebody else here.
    private static func isThisProgram(_ process: Int32) -> Bool {
        #if os(Linux)
        let own = program("self")
        return process != getpid() && !own.isEmpty && program("\(process)") == own
        #else
        return process != getpid()
        #endif
    }

    private static func program(_ process: String) -> [UInt8] {
        var path = [UInt8](repeating: 0, count: 4096)
        let count = path.withUnsafeMutableBytes { buffer in
            buffer.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/\(process)/exe", $0, buffer.count) }
                ?? 0
        }
        return Array(path.prefix(max(0, count)))
    }

    private func show(_ lines: [String], count: Int) {
        for line in lines { print(line) }
        if yes {
            print("\(count) series are removed.")
        } else {
            print("\(count) series would be removed; add --yes to remove them.")
        }
    }
}

/// Why nothing was forgotten.
struct ForgetFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// What fails is told by the outcome.
private struct SilentObserver: JournalObserver {
    func journal(_ event: JournalEvent) {}
}
