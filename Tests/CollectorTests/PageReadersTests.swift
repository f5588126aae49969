import Foundation
import Synchronization
import Testing

@testable import Collector

@Suite struct PageReadersTests {
    private let start = ContinuousClock.now

    @Test("beyond the limit a reader is refused, and accepted as soon as there is room")
    func placesAreBounded() {
        let readers = PageReaders(limit: 2)
        var places = [true, true].map { readers.enter(isPrometheus: $0, at: start) }
        #expect(places.allSatisfy { $0 != nil })
        #expect(readers.enter(isPrometheus: true, at: start) == nil)
        #expect(readers.count == 2)
        places.removeFirst()
        #expect(readers.enter(isPrometheus: true, at: start) != nil)
    }

    @Test("snapshots of all readers are bounded in bytes, but one reader is always accepted")
    func memoryIsBounded() {
        let readers = PageReaders(limit: 8, byteLimit: 100)
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
        let readers = PageReaders(limit: 4)
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
        let readers = PageReaders(limit: 2)
        let stalled = readers.enter(isPrometheus: true, at: start)
        let moving = readers.enter(isPrometheus: true, at: start)
        let later = start + .milliseconds(1500)
        #expect(moving?.move(at: later) == true)
        #expect(readers.enter(isPrometheus: false, at: later) == nil)
        let next = readers.enter(isPrometheus: true, at: later)
        #expect(next != nil)
        #expect(stalled?.move() == false)
        #expect(moving?.move() == true)
    }
}

extension ProcessTests {
    @Suite struct SlowReaderTests {
        @Test(
            "readers that do not read delay no scrape of Prometheus and take little memory",
            arguments: ["HTTP/1.1\r\nHost: h", "HTTP/1.0", "HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip"])
        func slowReadersAreBounded(head: String) async throws {
            try await blocking {
                let odometer = try OdometerProgram {
                    TestConfiguration.collector(
                        otlpPort: $0, metricsPort: $1, rest: "odometer: {own_metrics_on_exporters: true}\n")
                }
                // A page larger than the buffers of a socket.
                let wide = ["wide": String(repeating: "w", count: 1200)]
                for batch in 0..<8 {
                    _ = try odometer.post(
                        TestExport.manySeries("c", (batch * 1000)..<(batch * 1000 + 1000), labels: wide))
                }
                func scrape() throws -> HTTPReply {
                    try HTTPClient.exchange(
                        port: odometer.metricsPort, "GET", "/metrics",
                        headers: [("X-Prometheus-Scrape-Timeout-Seconds", "10")])
                }
                for _ in 0..<3 { #expect(try scrape().status == 200) }
                let before = try #require(odometer.program.residentBytes)
                let slow = try (0..<100).map { _ in
                    let client = try RawClient(port: odometer.metricsPort, receiveBufferBytes: 4096)
                    try client.send("GET /metrics \(head)\r\n\r\n")
                    return client
                }
                let clock = ContinuousClock()
                let times = try (0..<5).map { _ in
                    let begin = clock.now
                    let status = try scrape().status
                    #expect(status == 200)
                    return clock.now - begin
                }
                let after = try #require(odometer.program.residentBytes)
                print("slow readers: \(before >> 20) MiB before, \(after >> 20) MiB with 100, scrapes in \(times)")
                #expect(after - before < 100 << 20, "\(before) \(after)")
                // The places of those that do not read become free for others.
                let isServed = try wait(within: .seconds(30)) {
                    try HTTPClient.exchange(port: odometer.metricsPort, "GET", "/metrics").status == 200
                }
                #expect(isServed)
                let page = try ExpositionText(scrape().body)
                let labels = ["listener": "prometheus", "reason": "slow_reader"]
                let cut = page["odometer_closed_connections_total", labels]
                // Compressed, the page fits into the buffers.
                if !head.contains("gzip") { #expect((cut ?? 0) > 0) }
                _ = slow
            }
        }
    }
}
