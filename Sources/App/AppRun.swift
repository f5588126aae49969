internal import ConfigFile
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Pipeline
internal import Platform

/// The collector from its start to its end.
enum AppRun {
    /// Time for current requests at shutdown. Container runtimes kill after 10 s.
    private static let grace: Duration = .seconds(8)

    /// Runs the configuration until SIGTERM or SIGINT. Called on the main thread; threads that already run take no
    /// signals.
    /// - Throws: `ListenError` when an address is not available.
    static func run(_ config: AppConfig, logger: Logger) throws {
        MemoryTuning.apply()
        // At a terminal, SIGHUP means that the terminal is gone; otherwise it asks for a reload.
        let asksOnly = isatty(STDIN_FILENO) == 0 ? [ForgetRequest.signal, SIGHUP] : [ForgetRequest.signal]
        let signals = TerminationSignals([SIGTERM, SIGINT, SIGHUP, ForgetRequest.signal])
        // One thread serves everything: the work for a request is microseconds.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let config = OpenFileLimit.fitted(config, openFiles: OpenFileLimit.raise(), log: logger)
        let collector = try RunningApp.start(config, on: group, log: logger).wait()
        logger.info("started", metadata: ["version": "\(Version.current)"])
        let received = signals.wait(besides: asksOnly) { signal in
            if signal == ForgetRequest.signal { return collector.takeForgetRequest() }
            logger.warning("SIGHUP has no effect: the configuration is read at the start; restart to apply a new one")
        }
        logger.info("stopping", metadata: ["signal": "\(TerminationSignals.name(of: received))"])
        signals.watch(besides: asksOnly) { again in
            logger.info(
                "stopping at once: open requests are aborted",
                metadata: ["signal": "\(TerminationSignals.name(of: again))"])
            collector.cutRequests()
        }
        try collector.drain(within: grace).wait()
        logger.info("stopped")
    }
}
