import Foundation
import Storage
import Testing

@testable import Journal

@Suite("Journal: acknowledged entries are recovered")
struct RoundTripTests {
    @Test("a first start finds nothing and reports that it is new")
    func firstStartIsEmpty() throws {
        let directory = StateDirectory()
        let (recovery, found) = try recover(directory.settings())
        #expect(recovery.isNew)
        #expect(found.findings.isEmpty && found.records.isEmpty && found.entries.isEmpty)
        recovery.abandon()
        let (second, _) = try recover(directory.settings())
        #expect(!second.isNew)
        second.abandon()
    }

    @Test("entries are recovered in order with all their fields", arguments: [1, 40, 5_000, 180_000])
    func entriesComeBack(size: Int) throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings()).0.start(outcomes)
        for tag in 0..<20 { #expect(journal.append(tag, bytes: size) == .queued) }
        try outcomes.waitForSettlements(20)
        // The files as they are, without a clean shutdown.
        let crashed = try directory.copy()
        journal.close()
        for place in [crashed, directory] {
            let recovery = try JournalRecovery(opening: place.settings(), now: testTime)
            #expect(recovery.findings.isEmpty)
            var tags: [Int] = []
            let failure = recovery.forEachEntry { entry in
                let tag = Int(entry.arrival)
                #expect(Array(entry.body) == body(tag, bytes: size))
                #expect(entry.route == UInt32(tag % 7) && entry.encoding == UInt8(tag % 3))
                tags.append(tag)
                #expect(entry.number == UInt64(tags.count))
            }
            #expect(failure == nil)
            #expect(tags == Array(0..<20))
            #expect(recovery.lastNumber == 20)
        }
    }

    @Test("an empty body is an entry")
    func emptyBody() throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings()).0.start(outcomes)
        _ = journal.append(
            arrival: 1, route: 2, encoding: 3, body: UnsafeRawBufferPointer(start: nil, count: 0), entry: nil)
        journal.close()
        #expect(try look(directory.settings()).entries.map(\.body) == [[]])
    }

    @Test("numbers continue after a restart and after a checkpoint")
    func numbersGoOn() throws {
        let directory = StateDirectory()
        for round in 0..<3 {
            let outcomes = Outcomes()
            let (recovery, found) = try recover(directory.settings())
            #expect(found.last == UInt64(round * 2))
            let journal = try recovery.start(outcomes)
            journal.append(round * 2)
            journal.append(round * 2 + 1)
            try outcomes.waitForSettlements(2)
            if round == 1 { _ = try journal.checkpoint(RecordChanges([1: "one"]), covering: 4) }
            journal.close()
        }
        let found = try look(directory.settings())
        #expect(found.tags == [4, 5] && found.covered == 4 && found.findings.isEmpty)
    }

    @Test("a group completes in one call, in the order of the appends, from many threads")
    func groupsUnderConcurrency() async throws {
        let directory = StateDirectory()
        let outcomes = Outcomes()
        let journal = try recover(directory.settings()).0.start(outcomes)
        await withTaskGroup(of: Void.self) { tasks in
            for writer in 0..<8 {
                tasks.addTask { for index in 0..<200 { journal.append(writer * 1000 + index, bytes: 500) } }
            }
        }
        try outcomes.waitForSettlements(1600)
        let seen = outcomes.now
        #expect(seen.groups.reduce(0, +) == 1600)
        #expect(seen.groups.contains { $0 > 1 })
        #expect(seen.settlements.enumerated().allSatisfy { (try? $0.element.outcome.get()) == UInt64($0.offset + 1) })
        let counters = journal.counters
        #expect(counters.entries == 1600 && counters.commits == UInt64(seen.groups.count))
        #expect(counters.bytes == 1600 * 500 && counters.backlogBytes == 0 && counters.lastNumber == 1600)
        journal.close()
        let found = try look(directory.settings())
        #expect(found.tags == outcomes.acknowledged)
        for writer in 0..<8 {
            #expect(found.tags.filter { $0 / 1000 == writer } == (0..<200).map { writer * 1000 + $0 })
        }
    }

    @Test("records are recovered in the order of store, kind and id, including changed and deleted ones")
    func recordsComeBack() throws {
        let directory = StateDirectory()
        let journal = try recover(directory.settings()).0.start(Outcomes())
        var changes = RecordChanges()
        changes.write(2, "b", store: 2, kind: 1)
        changes.write(7, "c", store: 1, kind: 2)
        changes.write(9, "a", store: 1, kind: 1)
        changes.write(3, "gone", store: 1, kind: 1)
        guard case .written(4, _) = try journal.checkpoint(changes, covering: 0) else {
            Issue.record("the checkpoint failed")
            return
        }
        var second = RecordChanges()
        second.write(9, "a changed", store: 1, kind: 1)
        second.delete(store: 1, kind: 1, id: 3)
        second.delete(store: 5, kind: 5, id: 5)
        second.write(1, "new", store: 1, kind: 1)
        _ = try journal.checkpoint(second, covering: 0)
        let crashed = try directory.copy()
        journal.close()
        for place in [crashed, directory] {
            let found = try look(place.settings())
            #expect(found.findings.isEmpty)
            #expect(found.records.map(\.text) == ["new", "a changed", "c", "b"])
            #expect(found.records.map(\.id) == [1, 9, 7, 2])
        }
    }
}
