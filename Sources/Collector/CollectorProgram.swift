internal import ConfigFile
internal import Logging

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// The collector from its start to its end.
enum CollectorProgram {
    /// Runs what the configuration says until SIGTERM or SIGINT. Called on the main thread, before any other starts.
    static func run(_ config: CollectorConfig, logger: Logger) throws {
        // A client or a log reader that goes away is an error of one write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        let signals = TerminationSignals()
        logger.info("started", metadata: ["version": "\(Version.current)"])
        let received = signals.wait()
        logger.info("stopping", metadata: ["signal": "\(TerminationSignals.name(of: received))"])
    }
}
