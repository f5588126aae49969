import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import App
@testable import Pipeline

/// Long exports.
@Suite struct LongWorkTests {
    @Test("while a long export is decoded others are answered, and those of one connection stay in order")
    func othersAreAnswered() async throws {
        try await AppInProcess.run(TestConfiguration.collector()) { collector in
            let gate = DispatchSemaphore(value: 0)
            // Decoding outside the event loop waits for this.
            let held = LongWork.run(on: MultiThreadedEventLoopGroup.singleton.any(), in: .bodies) { gate.wait() }
            defer { gate.signal() }
            let (slow, quick) = (try collector.connect(), try collector.connect())
            let padding = [UInt8](repeating: UInt8(ascii: " "), count: LongWork.bodyBytes)
            try slow.send(Self.request(Array(TestExport.gauge("order", 1, time: 10).utf8) + padding))
            try slow.send(Self.request(Array(TestExport.gauge("order", 2, time: 20).utf8)))
            for value in 1...20 {
                try quick.send(Self.request(Array(TestExport.gauge("quick", value, time: 10 + value).utf8)))
                #expect(try quick.reply().status == 200)
            }
            let page = try collector.scrape()
            #expect(page["quick", [:]] == 20)
            #expect(page["order", [:]] == nil)
            gate.signal()
            #expect(try slow.reply().status == 200)
            #expect(try slow.reply().status == 200)
            #expect(try collector.scrape()["order", [:]] == 2)
            _ = held
        }
    }

    @Test("while a long export is counted others are answered", arguments: [false, true])
    func othersAreCounted(isPersistent: Bool) async throws {
        let folder = try TemporaryFolder()
        let path = isPersistent ? folder.url.appending(path: "state").path : ""
        let configuration = TestConfiguration.collector(
            rest: "odometer: {state: {path: \"\(path)\", checkpoint_interval: 100ms}}\n")
        try await AppInProcess.run(configuration) { collector in
            let quick = try collector.connect()
            let isCounted = Mutex(false)
            let reply = Task.detached {
                defer { isCounted.withLock { $0 = true } }
                return try await blocking { try collector.post(TestExport.manySeries("many", 0..<8_000)).status }
            }
            // Without parts only one before it and one waiting for it would be answered.
            var answered = 0
            while !isCounted.withLock({ $0 }) {
                try quick.send(Self.request(Array(TestExport.gauge("quick", answered, time: 10 + answered).utf8)))
                #expect(try quick.reply().status == 200)
                answered += 1
            }
            #expect(answered > 2)
            #expect(try await reply.value == 200)
            let page = try collector.scrape()
            #expect(page["quick", [:]] == Double(answered - 1))
            #expect(page.samples.count { $0.name == "many_total" } == 8_000)
        }
    }

    @Test("an accepted long export counts after a kill, whatever part of it is in the last checkpoint")
    func afterKill() async throws {
        try await blocking {
            let stateful = try StatefulProgram(state: "    checkpoint_interval: 100ms\n")
            try stateful.start()
            for round in 1...4 {
                let export = TestExport.manySeries("many\(round)", 0..<2_000)
                #expect(try stateful.post(export).status == 200)
                #expect(try stateful.post(TestExport.sum("few", 1, time: 10 * round)).status == 200)
                try stateful.restart(SIGKILL)
                // A retry does not count.
                #expect(try stateful.post(export).status == 200)
                let samples = try stateful.samples().samples
                #expect(samples.count { $0.name == "many\(round)_total" && $0.value == 1 } == 2_000)
                #expect(samples.first { $0.name == "few_total" }?.value == Double(round))
            }
            try stateful.end(SIGTERM)
        }
    }

    @Test("R-PB-05 in a long export a point whose attributes cannot be decoded is rejected, others count")
    func undecodablePoint() async throws {
        try await AppInProcess.run(TestConfiguration.collector()) { collector in
            let bad = [0, 700, 701, 2_999]
            let points = (0..<3_000).flatMap { number in
                let key = bad.contains(number) ? [0xFF] : Array("k".utf8)
                let attribute = Self.field(1, key) + Self.field(2, Self.field(1, Array("\(number % 100)".utf8)))
                return Self.field(1, Self.field(7, attribute) + [0x31, 1, 0, 0, 0, 0, 0, 0, 0])
            }
            let sum = Self.field(7, points + [0x10, 1, 0x18, 1])
            let export = Self.field(1, Self.field(2, Self.field(2, Self.field(1, Array("c".utf8)) + sum)))
            let reply = try collector.connect().exchange(
                "POST", "/v1/metrics", headers: [("Content-Type", "application/x-protobuf")], body: export)
            #expect(reply.status == 200)
            #expect(reply.text.contains("(4)"), "\(reply.text)")
            let counted = try collector.scrape().samples.filter { $0.name == "c_total" }
            #expect(counted.count == 100)
            #expect(counted.reduce(0) { $0 + $1.value } == Double(3_000 - bad.count))
        }
    }

    /// A field of bytes in protobuf.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes = [number << 3 | 2]
        var count = content.count
        while count > 127 {
            bytes.append(UInt8(count & 127 | 128))
            count >>= 7
        }
        return bytes + [UInt8(count)] + content
    }

    @Test("events of a long logs export count like those of short ones")
    func longLogs() async throws {
        let configuration = TestConfiguration.withLogs(
            TestConfiguration.collector(rest: "odometer: {state: {path: \"\"}}\n"))
        try await AppInProcess.run(configuration) { collector in
            let events = (0..<3_000).map { number in
                #"{"timeUnixNano":"1700000000000000000","body":{"stringValue":"claude_code.user_prompt"},"#
                    + #""attributes":[{"key":"session.id","value":{"stringValue":"s"}},"#
                    + #"{"key":"event.sequence","value":{"intValue":\#(number)}}]}"#
            }
            let body =
                #"{"resourceLogs":[{"scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events"},"#
                + #""logRecords":[\#(events.joined(separator: ","))]}]}]}"#
            #expect(body.utf8.count > LongWork.bodyBytes)
            for _ in 0..<2 {
                let reply = try collector.connect().exchange(
                    "POST", "/v1/logs", headers: [("Content-Type", "application/json")], body: Array(body.utf8))
                #expect(reply.status == 200)
                #expect(reply.text == "{}")
            }
            let counted = try collector.scrape().samples.filter { $0.name == "claude_code_user_prompts_total" }
            #expect(counted.map(\.value) == [3_000])
        }
    }

    private static func request(_ body: [UInt8]) -> [UInt8] {
        HTTPClient.request("POST", "/v1/metrics", headers: [("Content-Type", "application/json")], body: body)
    }
}
