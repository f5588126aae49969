import Synchronization
import Testing

@testable import Pipeline

@Suite struct ExportTurnsTests {
    @Test("turns are given one at a time in their order, and what waits for none to be taken comes before the next")
    func order() {
        let turns = ExportTurns(limit: 100)
        let events = Mutex<[String]>([])
        #expect(turns.isFree)
        #expect(!turns.whenIdle { events.withLock { $0.append("never") } })
        for name in ["a", "b", "c"] {
            #expect(turns.begin { events.withLock { $0.append(name) } })
        }
        #expect(events.withLock { $0 } == ["a"])
        #expect(!turns.isFree)
        #expect(turns.whenIdle { events.withLock { $0.append("replaced") } })
        #expect(turns.whenIdle { events.withLock { $0.append("idle") } })
        turns.end()
        #expect(events.withLock { $0 } == ["a", "idle", "b"])
        turns.end()
        turns.end()
        #expect(events.withLock { $0 } == ["a", "idle", "b", "c"])
        #expect(turns.isFree)
    }

    @Test("a turn that ends in its own call gives the next one its turn")
    func endsAtOnce() {
        let turns = ExportTurns(limit: 100)
        let count = Mutex(0)
        let isGranted = turns.begin {
            for _ in 0..<3 {
                _ = turns.begin {
                    count.withLock { $0 += 1 }
                    turns.end()
                }
            }
            turns.end()
        }
        #expect(isGranted)
        #expect(count.withLock { $0 } == 3)
        #expect(turns.isFree)
    }

    @Test("what waits is bounded in bytes, and has room again when it had its turn")
    func waitingIsBounded() {
        let turns = ExportTurns(limit: 100)
        #expect(turns.begin(bytes: 1_000) {})
        #expect(turns.begin(bytes: 60) {})
        #expect(!turns.begin(bytes: 41) {})
        #expect(turns.begin(bytes: 40) {})
        turns.end()
        #expect(turns.begin(bytes: 60) {})
    }
}
