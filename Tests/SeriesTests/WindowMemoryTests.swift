import OTLP
import Testing

@testable import Series

@Suite struct WindowMemoryTests {
    /// Allocated bytes of the windows, including forgotten ones.
    private func memory(of windows: DeltaWindows) throws -> Int {
        let held = Mirror(reflecting: windows).children.lazy.compactMap { $0.value as? [DeltaWindows.Window] }.first
        return try #require(held).capacity * DeltaWindows.bytesPerWindow
    }

    @Test("forgotten windows release their memory", arguments: [1, 16, 17, 1024])
    func forgottenWindowsGiveMemoryBack(count: Int) throws {
        var windows = DeltaWindows()
        for second in 1...UInt32(count) {
            windows.append(
                DeltaWindows.Window(startTime: 0, time: 1, value: .int(1), request: 1, arrival: second))
        }
        #expect(windows.forget(before: UInt32(count)) == (0, count - 1))
        if count > 17 { #expect(try memory(of: windows) < 16 * DeltaWindows.bytesPerWindow) }
        #expect(windows.forget(before: .max) == (0, 1))
        #expect(try memory(of: windows) == 0)
    }
}
