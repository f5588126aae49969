import Settings
import Testing

@testable import Forward

@Suite struct BackOffTests {
    @Test("intervals grow by the multiplier up to the maximum")
    func intervalsGrow() {
        var settings = RetrySettings()
        settings.randomizationFactor = 0
        var backOff = BackOff(settings)
        let intervals = (0..<7).map { _ in backOff.next(random: 0.3) / .seconds(1) }
        #expect(intervals == [5, 7.5, 11.25, 16.875, 25.3125, 30, 30])
    }

    @Test("intervals vary by the randomization factor, and not more", arguments: [0.0, 0.5, 1])
    func intervalsVary(random: Double) {
        var backOff = BackOff(RetrySettings())
        #expect(backOff.next(random: random) == .milliseconds(Int(2500 + 5000 * random)))
    }
}
