import Synchronization
import Testing

@testable import Pipeline

@Suite struct ExportTurnsTests {
    @Test("turns are given one at a time in order, and work that waits for the end of a turn runs before the next")
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

    @Test("a turn that ends synchronously starts the next one")
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

    @Test("waiting exports are bounded in bytes, and free their room after their turn")
    func waitingIsBounded() {
        let turns = ExportTurns(limit: 100)
        #expect(turns.begin(bytes: 1_000) {})
        #expect(turns.begin(bytes: 60) {})
        #expect(!turns.begin(bytes: 41) {})
        #expect(turns.begin(bytes: 40) {})
        turns.end()
        #expect(turns.begin(bytes: 60) {})
    }

    @Test("work that waits for the end of a turn may ask again whether one is taken: none is")
    func idleIsIdle() {
        let turns = ExportTurns(limit: 100)
        let events = Mutex<[String]>([])
        @Sendable func checkpoint() {
            if turns.whenIdle({ checkpoint() }) { return }
            events.withLock { $0.append("checkpoint") }
        }
        #expect(turns.begin {})
        #expect(turns.begin { events.withLock { $0.append("next") } })
        checkpoint()
        turns.end()
        #expect(events.withLock { $0 } == ["checkpoint", "next"])
        checkpoint()
        turns.end()
        #expect(events.withLock { $0 } == ["checkpoint", "next", "checkpoint"])
        #expect(turns.isFree)
    }

    @Test("the least work comes first, but every fourth turn goes to the oldest export")
    func leastWorkFirst() {
        let turns = ExportTurns(limit: 100)
        let order = Mutex<[Int]>([])
        #expect(turns.begin {})
        for work in [900, 30, 20, 10, 5, 800, 1] {
            #expect(turns.begin(work: work) { order.withLock { $0.append(work) } })
        }
        while !turns.isFree { turns.end() }
        #expect(order.withLock { $0 } == [1, 5, 10, 900, 20, 30, 800])
    }
}
