#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// The signals that end the program in order, and those that ask something of it.
///
/// Made on the main thread before any other thread starts: the signals are blocked there, threads started later
/// inherit that, and so a signal stays pending until `wait` takes it. No handler runs, so nothing has to be safe in
/// one.
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

    /// Blocks this thread until one of the signals arrives, and returns its number. From then on they have their
    /// default effect again, so that a second one ends a program that hangs while it stops.
    /// - Parameters:
    ///   - others: those of the signals that do not end the program; they never have their default effect.
    ///   - body: called with the number of each of those that arrives.
    func wait(besides others: [Int32] = [], _ body: (Int32) -> Void = { _ in }) -> Int32 {
        var set = set
        var received: Int32 = 0
        while sigwait(&set, &received) != 0 || others.contains(received) {
            if others.contains(received) { body(received) }
        }
        for signal in signals {
            // They may have been ignored by whoever started us; then a second one would have no effect.
            _ = setSignalAction(signal, others.contains(signal) ? SIG_IGN : SIG_DFL)
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        return received
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

/// `signal(2)`, under a name that no local variable hides.
private let setSignalAction = signal
