import Foundation
import Testing

@testable import Pipeline

@Suite struct MemoryTuningTests {
    #if canImport(Glibc)
    @Test("the C library is told to give memory back")
    func tuningIsApplied() { #expect(MemoryTuning.apply()) }
    #endif

    #if os(Linux)
    @Test("what only the start needed of the program's file is not resident any more, and the program goes on")
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
