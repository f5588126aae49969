import Synchronization
import Testing

@testable import Collector

@Suite struct ExportTurnsTests {
    @Test("turns are given one at a time in their order, and what waits for none to be taken comes before the next")
    func order() {
        let turns = ExportTurns()
        let events = Mutex<[String]>([])
        #expect(turns.isFree)
        #expect(!turns.whenIdle { events.withLock { $0.append("never") } })
        for name in ["a", "b", "c"] { turns.begin { events.withLock { $0.append(name) } } }
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
        let turns = ExportTurns()
        let count = Mutex(0)
        turns.begin {
            for _ in 0..<3 {
                turns.begin {
                    count.withLock { $0 += 1 }
                    turns.end()
                }
            }
            turns.end()
        }
        #expect(count.withLock { $0 } == 3)
        #expect(turns.isFree)
    }
}
