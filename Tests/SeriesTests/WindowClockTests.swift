import Testing

@testable import Series

/// The clock by which windows age.
@Suite struct WindowClockTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("it follows the wall clock, but not when that is set forward or back")
    func jumps() {
        var clock = WindowClock()
        clock.advance(to: 1_000 * Self.second)
        #expect(clock.now == 1_000)
        clock.noteJump(3_600)
        clock.advance(to: 4_610 * Self.second)
        #expect(clock.now == 1_010)
        // Reported again, it is the same jump.
        clock.noteJump(3_600)
        clock.advance(to: 4_620 * Self.second)
        #expect(clock.now == 1_020)
        clock.noteJump(0)
        clock.advance(to: 1_030 * Self.second)
        #expect(clock.now == 1_030)
        clock.noteJump(-500)
        clock.advance(to: 540 * Self.second)
        #expect(clock.now == 1_040)
    }

    @Test("it never falls, and continues after a pause where it was")
    func pauses() {
        var clock = WindowClock()
        #expect(clock.resume(at: 5_000 * Self.second) == 0)
        clock.advance(to: 1_000 * Self.second)
        clock.advance(to: 900 * Self.second)
        #expect(clock.now == 1_000)
        #expect(clock.resume(at: 9_000 * Self.second) == 8_000)
        clock.advance(to: 9_001 * Self.second)
        #expect(clock.now == 1_001)
        #expect(clock.resume(at: 0) == -9_001)
        clock.advance(to: 0)
        #expect(clock.now == 1_001)
        clock.advance(to: .max)
        #expect(clock.now == .max)
    }
}
