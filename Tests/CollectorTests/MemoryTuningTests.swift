import Testing

@testable import Collector

@Suite struct MemoryTuningTests {
    #if canImport(Glibc)
    @Test("the C library is told to give memory back")
    func tuningIsApplied() { #expect(MemoryTuning.apply()) }
    #endif
}
