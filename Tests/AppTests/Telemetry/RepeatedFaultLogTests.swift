import Foundation
import Logging
import OTLP
import Testing

@testable import App

@Suite struct RepeatedFaultLogTests {
    @Test func faultIsLoggedOnceAndCounted() throws {
        let capture = LogCapture()
        let faults = RepeatedFaultLog(capture.logger)
        for attempt in 1...3 {
            faults.warning("export refused", key: "malformed", metadata: ["attempt": "\(attempt)"])
        }
        faults.error("internal error", key: "fault")
        #expect(faults.counts().faults.map(\.key) == ["fault", "malformed"])
        #expect(faults.counts().faults.map(\.count) == [1, 3])
        #expect(faults.counts().others == 0)
        faults.logRepetitions()
        #expect(
            try capture.text() == """
                2026-11-21T12:34:56.007Z warn export refused attempt=1
                2026-11-21T12:34:56.007Z error internal error
                2026-11-21T12:34:56.007Z info fault repeated count=3 fault=malformed

                """)
    }

    @Test func textOfRepeatedFaultsIsNotMade() {
        let faults = RepeatedFaultLog(LogCapture().logger)
        var made = 0
        func message() -> Logger.Message {
            made += 1
            return "fault"
        }
        for _ in 0..<5 {
            faults.warning(message(), key: "same")
        }
        #expect(made == 1)
    }

    @Test func faultsBeyondTheLimitAreCountedTogether() throws {
        let capture = LogCapture()
        let faults = RepeatedFaultLog(capture.logger, keyLimit: 2)
        for number in 1...100 {
            faults.warning("fault", key: "fault \(number)")
        }
        faults.warning("fault", key: "fault 2")
        #expect(faults.counts().faults.map(\.key) == ["fault 1", "fault 2"])
        #expect(faults.counts().faults.map(\.count) == [1, 2])
        #expect(faults.counts().others == 98)
        faults.logRepetitions()
        let lines = try capture.text().split(separator: "\n").map { $0.dropFirst("2026-11-21T12:34:56.007Z ".count) }
        #expect(
            lines == [
                "warn fault", "warn fault", "warn further kinds of faults are only counted kinds=2",
                "info fault repeated count=2 fault=\"fault 2\"", "info further faults count=98",
            ])
    }

    @Test("any number of kinds of client faults does not hide own faults")
    func ownFaultsAlwaysHaveRoom() throws {
        let capture = LogCapture()
        let faults = RepeatedFaultLog(capture.logger, keyLimit: 2)
        for number in 1...100 { faults.warning("fault", key: "fault \(number)") }
        for _ in 1...2 { faults.error("internal error", key: "ours") }
        #expect(faults.counts().faults.map(\.key) == ["fault 1", "fault 2", "ours"])
        #expect(try capture.text().split(separator: "\n").last?.hasSuffix("error internal error") == true)
    }

    @Test("R-HTTP-14 the same fault at other byte positions is one fault in the log")
    func brokenPlaceMakesNoOtherFault() throws {
        let capture = LogCapture()
        let observer = AppObserver(own: OwnMetrics(), log: capture.logger)
        for byte in 1...300 { observer.refusedExport(.malformed("JSON, byte \(byte): a value is expected")) }
        observer.refusedExport(.malformed("JSON, byte 7: a string is expected"))
        #expect(try capture.text().split(separator: "\n").count == 2)
    }

    @Test func faultsOfManyThreadsAreAllCounted() async throws {
        let capture = LogCapture()
        let faults = RepeatedFaultLog(capture.logger, keyLimit: 4)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<1000 {
                        faults.warning("fault", key: "fault \(number % 5)")
                    }
                }
            }
        }
        let counts = faults.counts()
        #expect(counts.faults.count == 4)
        #expect(counts.faults.reduce(counts.others) { $0 + $1.count } == 8000)
        // Four faults, and the line on the fifth.
        #expect(try capture.text().split(separator: "\n").count == 5)
    }
}
