import OTLP
import Synchronization

@testable import App
@testable import Pipeline

/// A time of day that a test sets, forwards and back.
final class SetClock: WallClock {
    private let state: Mutex<(seconds: UInt64, jump: Int64)>

    /// - Parameter seconds: after `TestExport.epoch`.
    init(_ seconds: UInt64) { state = Mutex((seconds, 0)) }

    func set(_ seconds: UInt64) { state.withLock { $0.seconds = seconds } }

    /// Sets the clock; no time passes.
    func jump(by seconds: Int64) {
        state.withLock { state in
            state.seconds = UInt64(max(0, Int64(state.seconds) + seconds))
            state.jump += seconds
        }
    }

    func now() -> UnixNanoseconds { reading().time }

    func reading() -> ClockReading {
        state.withLock { ClockReading(time: TestExport.epoch + $0.seconds * 1_000_000_000, jump: $0.jump) }
    }
}
