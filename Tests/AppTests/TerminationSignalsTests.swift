import Foundation
import Testing

@testable import App

@Suite struct TerminationSignalsTests {
    /// Signals are sent to this thread only, and of unused kinds, since the tests share one process.
    @Test func signalThatCameBeforeTheWaitIsTaken() {
        let signals = TerminationSignals([SIGUSR2])
        pthread_kill(pthread_self(), SIGUSR2)
        #expect(signals.wait() == SIGUSR2)
    }

    @Test func signalThatWasIgnoredIsTaken() {
        // As a shell does for background processes.
        signal(SIGUSR1, SIG_IGN)
        let signals = TerminationSignals([SIGUSR1])
        pthread_kill(pthread_self(), SIGUSR1)
        #expect(signals.wait() == SIGUSR1)
    }

    @Test func signalAfterTheWaitStaysPending() {
        let signals = TerminationSignals([SIGUSR2])
        for _ in 0..<3 {
            pthread_kill(pthread_self(), SIGUSR2)
            #expect(signals.wait() == SIGUSR2)
        }
    }

    @Test func signalsHaveNames() {
        #expect(TerminationSignals.name(of: SIGTERM) == "SIGTERM")
        #expect(TerminationSignals.name(of: SIGINT) == "SIGINT")
        #expect(TerminationSignals.name(of: SIGUSR1) == "signal \(SIGUSR1)")
    }
}
