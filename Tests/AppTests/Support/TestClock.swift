import OTLP
import Synchronization

@testable import App
@testable import Pipeline

/// A time of day that changes only when a test sets it.
final class TestClock: WallClock {
    private let time = Mutex<UnixNanoseconds>(TestExport.epoch)

    func now() -> UnixNanoseconds { time.withLock(\.self) }

    func advance(by duration: Duration) {
        time.withLock { $0 += UnixNanoseconds(duration.components.seconds) * 1_000_000_000 }
    }
}
