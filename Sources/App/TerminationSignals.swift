internal import Platform

/// The signals that stop the program, and those that request an action.
///
/// Created on the main thread before any other thread starts: the signals are blocked there, later threads inherit
/// that, and so a signal stays pending until `wait` takes it. There are no signal handlers, so nothing has to be
/// async-signal-safe.
struct TerminationSignals {
    private var set: sigset_t
    private let signals: [Int32]

    /// Blocks the signals on this thread. Default: SIGTERM (service managers, containers) and SIGINT (Ctrl-C).
    init(_ signals: [Int32] = [SIGTERM, SIGINT]) {
        self.signals = signals
        set = sigset_t()
        sigemptyset(&set)
        for signal in signals {
            sigaddset(&set, signal)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Blocks this thread until one of the signals arrives, and returns its number. None of them ever has its default
    /// effect.
    /// - Parameters:
    ///   - others: the signals that do not stop the program.
    ///   - body: called with the number of each of those that arrives.
    func wait(besides others: [Int32] = [], _ body: (Int32) -> Void = { _ in }) -> Int32 {
        var set = set
        var received: Int32 = 0
        while sigwait(&set, &received) != 0 || others.contains(received) {
            if others.contains(received) { body(received) }
        }
        return received
    }

    /// Continues to wait on a separate thread, to the end of the program.
    /// - Parameters:
    ///   - others: signals that are ignored from now on.
    ///   - body: called on that thread with the number of each other signal.
    func watch(besides others: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        // Without a thread they stay pending.
        _ = WorkerThread { while true { body(wait(besides: others)) } }
    }

    /// `SIGTERM` for 15, and so on.
    static func name(of signal: Int32) -> String {
        switch signal {
        case SIGTERM: "SIGTERM"
        case SIGINT: "SIGINT"
        case SIGHUP: "SIGHUP"
        default: "signal \(signal)"
        }
    }
}
