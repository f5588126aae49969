import Foundation
import Testing

@testable import Pipeline

@Suite struct MemoryTuningTests {
    #if canImport(Glibc)
    @Test("the C library is configured to release memory")
    func tuningIsApplied() { #expect(MemoryTuning.apply()) }
    #endif

    #if os(Linux)
    @Test("pages of the executable needed only at the start are no longer resident, and the program continues")
    func startIsGivenBack() throws {
        let before = try Self.residentFileKilobytes()
        MemoryTuning.startIsOver()
        #expect(try Self.residentFileKilobytes() < before - 1000)
    }

    private static func residentFileKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
    }
    #endif
}
