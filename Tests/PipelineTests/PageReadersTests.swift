import Foundation
import NIOCore
import Server
import Settings
import Synchronization
import Testing

@testable import Pipeline

@Suite struct PageReadersTests {
    private let start = ContinuousClock.now

    @Test("beyond the limit a reader is refused, and accepted as soon as there is room")
    func placesAreBounded() {
        let readers = PageReaders(PageLimits { $0.maxPageReaders = 2 })
        var places = [true, true].map { readers.enter(isPrometheus: $0, at: start) }
        #expect(places.allSatisfy { $0 != nil })
        #expect(readers.enter(isPrometheus: true, at: start) == nil)
        #expect(readers.count == 2)
        places.removeFirst()
        #expect(readers.enter(isPrometheus: true, at: start) != nil)
    }

    @Test("snapshots of all readers are bounded in bytes, but one reader is always accepted")
    func memoryIsBounded() {
        let readers = PageReaders(PageLimits { $0.maxPageReaders = 8 }, byteLimit: 100)
        let large = readers.enter(isPrometheus: false, bytes: 500, at: start)
        #expect(large != nil)
        #expect(readers.enter(isPrometheus: false, bytes: 1, at: start) == nil)
        // Prometheus replaces other readers at once.
        let first = readers.enter(isPrometheus: true, bytes: 60, at: start)
        #expect(first != nil && large?.move() == false)
        #expect(readers.enter(isPrometheus: true, bytes: 60, at: start) == nil)
        let second = readers.enter(isPrometheus: true, bytes: 40, at: start)
        #expect(second != nil && first?.move(at: start) == true)
        #expect(readers.count == 2)
    }

    @Test("a quarter of the places is for Prometheus, and others are closed for it at once, the longest waiting first")
    func prometheusComesFirst() {
        let readers = PageReaders(PageLimits { $0.maxPageReaders = 4 })
        let cut = Mutex<[Int]>([])
        let others = (0..<3).map { number in
            let place = readers.enter(isPrometheus: false, at: start + .milliseconds(number))
            place?.begin { cut.withLock { $0.append(number) } }
            return place
        }
        #expect(others.allSatisfy { $0 != nil })
        #expect(readers.enter(isPrometheus: false, at: start) == nil)
        let first = readers.enter(isPrometheus: true, at: start)
        #expect(cut.withLock { $0 } == [])
        #expect(others[0]?.move(at: start + .milliseconds(10)) == true)
        let second = readers.enter(isPrometheus: true, at: start + .milliseconds(20))
        #expect(cut.withLock { $0 } == [1])
        #expect(others[1]?.move() == false)
        #expect(others[2]?.move() == true)
        #expect([first, second].allSatisfy { $0 != nil })
    }

    @Test("a reader that has read nothing for a second is closed to make room, Prometheus only for Prometheus")
    func stalledReadersMakeRoom() {
        let readers = PageReaders(PageLimits { $0.maxPageReaders = 2 })
        let stalled = readers.enter(isPrometheus: true, at: start)
        stalled?.begin {}
        let moving = readers.enter(isPrometheus: true, at: start)
        let later = start + .milliseconds(1500)
        #expect(moving?.move(at: later) == true)
        #expect(readers.enter(isPrometheus: false, at: later) == nil)
        let next = readers.enter(isPrometheus: true, at: later)
        #expect(next != nil)
        #expect(stalled?.move() == false)
        #expect(moving?.move() == true)
    }

    @Test("a reader waits for its turn as long as page_wait says", arguments: [Duration.zero, .seconds(3600)])
    func waitingIsBounded(pageWait: Duration) throws {
        let wait = try #require(PageReaders(PageLimits { $0.pageWait = pageWait }).beginWait())
        #expect(wait.isOver() == (pageWait == .zero))
    }

    @Test("one source with the header of Prometheus cannot hold all places, however fast it reads")
    func sourcesShare() throws {
        let readers = PageReaders(PageLimits { $0.maxPageReaders = 4 })
        let (one, other) = try (source("192.0.2.1"), source("192.0.2.2"))
        let held = (0..<4).map { number in
            let place = readers.enter(isPrometheus: true, from: one, at: start + .milliseconds(number))
            place?.begin {}
            return place
        }
        #expect(held.allSatisfy { $0 != nil })
        #expect(readers.enter(isPrometheus: true, from: one, at: start) == nil)
        let first = readers.enter(isPrometheus: true, from: other, at: start)
        let second = readers.enter(isPrometheus: true, from: other, at: start)
        #expect(first != nil && second != nil)
        #expect(held.map { $0?.isHeld } == [false, false, true, true])
        // Both have two now.
        #expect(readers.enter(isPrometheus: true, from: other, at: start) == nil)
    }

    private func source(_ address: String) throws -> ConnectionSource? {
        ConnectionSource(try SocketAddress(ipAddress: address, port: 1))
    }

    @Test("a scrape of Prometheus that is being prepared is not closed for another one")
    func preparingScrapesStay() {
        let readers = PageReaders(PageLimits { $0.maxPageReaders = 1 })
        let preparing = readers.enter(isPrometheus: true, at: start)
        #expect(readers.enter(isPrometheus: true, at: start + .seconds(5)) == nil)
        preparing?.begin {}
        #expect(readers.enter(isPrometheus: true, at: start + .seconds(5)) != nil)
        #expect(preparing?.isHeld == false)
    }
}
