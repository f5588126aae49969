import Foundation
import NIOCore
import NIOHPACK
import Receiver
import Server
import Settings
import Testing

/// Lifetime, limits and end of HTTP/2 connections.
@Suite struct GRPCConnectionTests {
    private static let check = "/grpc.health.v1.Health/Check"

    @Test("R-GRPC-12 parallel calls are answered as they complete; SETTINGS have their limit")
    func callsAreConcurrent() async throws {
        let sink = HeldSink()
        try await withGRPC(sink: sink, http2: HTTP2Limits(maxConcurrentStreams: 200)) { listener in
            let client = try HTTP2Client(port: listener.port)
            // Like gRPC clients, which wait for the server's SETTINGS.
            try client.read { $0.settings[3] != nil }
            let streams = try (0..<200).map { try client.send(frame: HTTP2Client.framed([UInt8($0)])) }
            #expect(client.settings[3] == 200)
            #expect(client.settings[6] == 16 << 10)
            try client.waitForExports(200, at: sink)
            sink.release()
            for stream in streams { #expect(try client.answer(to: stream).status == "0") }
        }
    }

    @Test("R-GRPC-12 windows are updated as messages are read: a message larger than both arrives")
    func windowsOpen() async throws {
        let sink = RecordingSink()
        let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        try await withGRPC(sink: sink, http2: HTTP2Limits(streamWindow: 70_000, connectionWindow: 80_000)) { listener in
            let client = try HTTP2Client(port: listener.port)
            try client.read { $0.settings[4] == 70_000 }
            let stream = try client.begin()
            var rest = HTTP2Client.framed(message)[...]
            var sent = 0
            while !rest.isEmpty {
                let window = min(
                    65_535 + (client.granted[0] ?? 0), 70_000 + (client.granted[stream] ?? 0))
                let count = min(rest.count, window - sent, 16384)
                if count == 0 {
                    try client.readFrame()
                    continue
                }
                try client.sendData(Array(rest.prefix(count)), stream: stream, ends: count == rest.count)
                rest = rest.dropFirst(count)
                sent += count
            }
            #expect(try client.answer(to: stream).status == "0")
        }
        #expect(sink.exports.map(\.body) == [message])
    }

    @Test("R-GRPC-12 an answer waits for the window of the client")
    func answersKeepToTheWindow() async throws {
        try await withGRPC { listener in
            // SETTINGS_INITIAL_WINDOW_SIZE 0.
            let client = try HTTP2Client(port: listener.port, settings: [(4, 0)])
            let stream = try client.send(Self.check, frame: HTTP2Client.framed([]))
            try client.socketTurn()
            #expect(client.answers[stream]?.headers.isEmpty == false)
            #expect(client.answers[stream]?.data == [])
            #expect(client.answers[stream]?.isEnded == false)
            try client.send(8, stream: stream, payload: HTTP2Client.bytes(100))
            #expect(try client.answer(to: stream).reply == [0x08, 1])
        }
    }

    @Test("R-GRPC-12 a client that never opens its window loses the call, not the connection")
    func stuckAnswersAreDropped() async throws {
        try await withGRPC(limits: ServerLimits { $0.writeTimeout = .milliseconds(50) }) { listener in
            let client = try HTTP2Client(port: listener.port, settings: [(4, 0)])
            let stream = try client.send(Self.check, frame: HTTP2Client.framed([]))
            #expect(try client.answer(to: stream).reset == 8)
        }
    }

    @Test("R-GRPC-12 messages of refused calls release the window of the connection")
    func refusedCallsGiveTheWindowBack() async throws {
        try await withGRPC(http2: HTTP2Limits(connectionWindow: 80_000)) { listener in
            let client = try HTTP2Client(port: listener.port)
            var sent = 0
            for _ in 0..<50 {
                // Refused by its path, although its message is already sent.
                let stream = try client.begin("/unknown")
                while sent + 10_000 > 65_535 + (client.granted[0] ?? 0) { try client.readFrame() }
                try client.sendData([UInt8](repeating: 0, count: 10_000), stream: stream)
                sent += 10_000
            }
            #expect(try client.call([1]).status == "0")
            #expect(client.goAways == [])
        }
    }

    @Test("R-GRPC-12 a slow reader gets every answer; one that reads nothing is disconnected")
    func slowReadersAreServed() async throws {
        let text = String(repeating: "x", count: 4000)
        let sink = RecordingSink { _ in .success(PartialSuccess(rejectedCount: 1, message: text)) }
        try await withGRPC(sink: sink, limits: ServerLimits { $0.writeTimeout = .milliseconds(200) }) { listener in
            // Only the socket is a limit here, not SETTINGS_INITIAL_WINDOW_SIZE or the window of the connection.
            let slow = try HTTP2Client(port: listener.port, settings: [(4, 1 << 30)], receiveBufferBytes: 4096)
            try slow.send(8, payload: HTTP2Client.bytes(1 << 30))
            try slow.read { $0.settings[3] != nil }
            let streams = try (0..<250).map { _ in try slow.send(frame: HTTP2Client.framed([1])) }
            for stream in streams {
                usleep(200)
                #expect(try slow.answer(to: stream).reply?.count ?? 0 > 4000)
            }
            slow.socket.reset()
            let stuck = try HTTP2Client(port: listener.port, settings: [(4, 1 << 30)], receiveBufferBytes: 4096)
            try stuck.send(8, payload: HTTP2Client.bytes(1 << 30))
            try stuck.read { $0.settings[3] != nil }
            // More than the buffers of both sockets hold.
            try? (0..<100_000).forEach { _ in
                _ = try stuck.send(frame: HTTP2Client.framed([1]))
            }
            let end = ContinuousClock.now + .seconds(20)
            while listener.openConnections > 0, ContinuousClock.now < end { usleep(1000) }
            #expect(listener.openConnections == 0)
        }
    }

    /// Lets the listener drain while `sink` holds the export of one more call, and reads both GOAWAYs.
    private static func drain(
        _ listener: HTTPListener, holding sink: HeldSink
    ) throws -> (client: HTTP2Client, stream: Int, drained: EventLoopFuture<Void>) {
        let client = try HTTP2Client(port: listener.port)
        let before = sink.count
        let stream = try client.send(frame: HTTP2Client.framed([1]))
        try client.waitForExports(before + 1, at: sink)
        let drained = listener.drain(until: .now() + .seconds(20))
        try client.read { $0.goAways.count == 2 }
        return (client, stream, drained)
    }

    @Test("R-GRPC-12 a drain sends GOAWAY, answers open calls, and closes")
    func drainAnswersCalls() async throws {
        let sink = HeldSink()
        try await withGRPC(sink: sink) { listener in
            let (client, stream, drained) = try Self.drain(listener, holding: sink)
            #expect(client.goAways[0] == HTTP2Client.GoAway(last: Int(Int32.max), code: 0))
            #expect(client.goAways[1] == HTTP2Client.GoAway(last: stream, code: 0))
            #expect(client.answers[stream] == nil)
            sink.release()
            #expect(try client.answer(to: stream).status == "0")
            try client.readToEnd()
            try drained.wait()
        }
    }

    @Test("R-GRPC-12 a call after the last GOAWAY is not accepted, so that it can be retried elsewhere")
    func lateCallsAreNotTaken() async throws {
        let sink = HeldSink()
        try await withGRPC(sink: sink) { listener in
            let bystander = try HTTP2Client(port: listener.port)
            let held = try bystander.send(frame: HTTP2Client.framed([0]))
            try bystander.waitForExports(1, at: sink)
            let (client, stream, drained) = try Self.drain(listener, holding: sink)
            let late = try client.send(frame: HTTP2Client.framed([2]))
            // More frames sent before the client reads GOAWAY: a call in pieces, a cancelled one, a window update.
            let half = try client.begin()
            try client.sendData([0, 0, 0, 0, 2, 1], stream: half, ends: false)
            try client.send(8, stream: half, payload: HTTP2Client.bytes(100))
            try client.sendData([2], stream: half)
            try client.send(3, stream: try client.begin(), payload: HTTP2Client.bytes(8))
            // Invalid even then: frames of closed streams, or of streams that never began.
            for closed in [late, half, 9_999] {
                try client.sendData([1, 2, 3], stream: closed)
                try client.send(3, stream: closed, payload: HTTP2Client.bytes(8))
                try client.send(8, stream: closed, payload: HTTP2Client.bytes(100))
                try client.send(2, stream: closed, payload: HTTP2Client.bytes(0) + [16])
            }
            try client.sendData([UInt8](repeating: 0, count: 16_384), stream: half, ends: false)
            try client.ping()
            try client.read { $0.pingAcks.count == 1 }
            #expect(sink.count == 2)
            sink.release()
            #expect(try client.answer(to: stream).status == "0")
            #expect(try bystander.answer(to: held).status == "0")
            try client.readToEnd()
            for ignored in [late, half] {
                #expect(client.answers[ignored]?.status == nil)
                #expect(client.answers[ignored]?.reset == nil)
            }
            #expect((client.granted[0] ?? 0) >= 16_384)
            #expect(client.goAways.map(\.code) == [0, 0])
            #expect(sink.count == 0)
            try drained.wait()
        }
    }

    @Test("R-GRPC-12 a cancelled call is removed; an export that the sink has counts")
    func cancelledCallsAreForgotten() async throws {
        let sink = RecordingSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let stream = try client.begin()
            try client.sendData([0, 0, 0, 0, 2, 1], stream: stream, ends: false)
            try client.send(3, stream: stream, payload: HTTP2Client.bytes(8))
            #expect(try client.call([9]).status == "0")
        }
        #expect(sink.exports.map(\.body) == [[9]])
    }

    @Test("R-GRPC-12 a half-closed client gets the answers to its calls")
    func halfClosedClientsAreAnswered() async throws {
        let sink = HeldSink()
        try await withGRPC(sink: sink) { listener in
            let client = try HTTP2Client(port: listener.port)
            let whole = try client.send(frame: HTTP2Client.framed([1]))
            let half = try client.begin()
            try client.waitForExports(1, at: sink)
            client.socket.closeOutput()
            #expect(try client.answer(to: half).reset == 8)
            sink.release()
            #expect(try client.answer(to: whole).status == "0")
            try client.readToEnd()
        }
    }

    @Test("R-GRPC-14 pings are answered, also many of them with calls")
    func pingsAreAnswered() async throws {
        try await withGRPC { listener in
            let client = try HTTP2Client(port: listener.port)
            // A client that measures its bandwidth sends a ping for each response.
            for number in 0..<3000 {
                try client.send(6, payload: [0, 0, 0, 0] + HTTP2Client.bytes(number))
                #expect(try client.call(Self.check, []).status == "0")
            }
            try client.read { $0.pingAcks.count == 3000 }
            #expect(client.goAways == [])
            // Without a call, ten a second for a minute and a half at once.
            for _ in 0..<900 { try client.ping() }
            try client.read { $0.pingAcks.count == 3900 }
            #expect(client.goAways == [])
        }
    }

    @Test("A flood of pings ends the connection with ENHANCE_YOUR_CALM")
    func pingFloodEnds() async throws {
        try await withGRPC { listener in
            let client = try HTTP2Client(port: listener.port)
            // Below the refused rate, but more than a connection without calls needs.
            try client.flood(1500) { try client.ping() }
            #expect(client.goAways.first?.code == 11)
        }
    }

    @Test("Calls cancelled at once end the connection with ENHANCE_YOUR_CALM")
    func rapidResetEnds() async throws {
        try await withGRPC(http2: HTTP2Limits(resets: 100)) { listener in
            let client = try HTTP2Client(port: listener.port)
            try client.flood {
                let stream = try client.begin()
                try client.send(3, stream: stream, payload: HTTP2Client.bytes(8))
            }
            #expect(client.goAways.first?.code == 11)
        }
    }

    @Test("An endless head, or one that decodes to more than the limit, ends the connection")
    func largeHeadsEnd() async throws {
        try await withGRPC { listener in
            let endless = try HTTP2Client(port: listener.port)
            try endless.send(1, stream: 1, payload: [0x82])
            try endless.flood { try endless.send(9, stream: 1, payload: [0x82]) }
            #expect(endless.goAways.first.map { $0.code != 0 } == true)
            // One long header in the table, referenced many times.
            let bomb = try HTTP2Client(port: listener.port)
            let literal = [0x40, 1, 0x78, 0x7F, 0xA1, 0x1E] + [UInt8](repeating: 0x61, count: 4000)
            let block = literal + [UInt8](repeating: 0xBE, count: 10_000)
            try bomb.send(1, flags: 4, stream: 1, payload: block)
            try bomb.readToEnd()
            #expect(bomb.goAways.first.map { $0.code != 0 } == true)
            #expect(try HTTP2Client(port: listener.port).call(Self.check, []).status == "0")
        }
    }

    @Test("A silent or idle connection is closed; an incomplete message gets DEADLINE_EXCEEDED")
    func timeoutsHold() async throws {
        let time = Duration.milliseconds(60)
        let limits = ServerLimits { ($0.headTimeout, $0.bodyTimeout, $0.idleTimeout) = (time, time, time) }
        try await withGRPC(limits: limits) { listener in
            #expect(try RawClient(port: listener.port).isClosedByServer())
            let half = try RawClient(port: listener.port)
            try half.send("PRI * HT")
            #expect(try half.isClosedByServer())
            let client = try HTTP2Client(port: listener.port)
            let stream = try client.begin()
            try client.sendData([0, 0, 0, 0, 9], stream: stream, ends: false)
            #expect(try client.answer(to: stream).status == "4")
            try client.readToEnd()
            #expect(client.goAways == [HTTP2Client.GoAway(last: stream, code: 0)])
        }
    }

    @Test("Incomplete messages of a connection are bounded")
    func heldBytesAreBounded() async throws {
        let sink = RecordingSink()
        try await withGRPC(sink: sink, http2: HTTP2Limits(heldBytes: 11_000)) { listener in
            let client = try HTTP2Client(port: listener.port)
            let streams = try (0..<4).map { _ in
                let stream = try client.begin()
                try client.sendData(
                    [0, 0, 0, 0x0F, 0xA0] + [UInt8](repeating: 1, count: 3000), stream: stream, ends: false)
                return stream
            }
            #expect(try client.answer(to: streams[3]).status == "14")
            for stream in streams.prefix(3) {
                try client.sendData([UInt8](repeating: 1, count: 1000), stream: stream)
                #expect(try client.answer(to: stream).status == "0")
            }
            #expect(try client.call([UInt8](repeating: 1, count: 9000)).status == "0")
        }
        #expect(sink.exports.count == 4)
    }

    @Test("R-GRPC-06 of incomplete messages the oldest get RESOURCE_EXHAUSTED with a RetryInfo")
    func unfinishedMessagesGiveWay() async throws {
        let sink = RecordingSink()
        // Of three calls, each with 4 KiB and its head beside the message.
        let budget = BodyBudget(limit: 50_000 + 3 * 4_400)
        var callBytes = 0
        try await withGRPC(sink: sink, bodies: budget) { listener in
            var streams: [(client: HTTP2Client, stream: Int)] = []
            for number in 0..<6 {
                let client = try number % 2 == 0 ? HTTP2Client(port: listener.port) : streams[number - 1].client
                let stream = try client.begin()
                let part = [0, 0, 0, 0x3E, 0x80] + [UInt8](repeating: 1, count: 15_000)
                try client.sendData(part, stream: stream, ends: false)
                streams.append((client, stream))
                guard number >= 3 else {
                    let before = number * callBytes
                    for _ in 0..<10_000 where budget.used < before + 15_005 { usleep(1000) }
                    if number == 0 { callBytes = budget.used }
                    #expect((15_005 + 4_096...15_005 + 4_400).contains(callBytes))
                    #expect(budget.used == before + callBytes)
                    continue
                }
                let answer = try streams[number - 3].client.answer(to: streams[number - 3].stream)
                #expect(answer.status == "8")
                #expect(answer.trailers.first(name: "grpc-status-details-bin")?.hasPrefix("CAgS") == true)
            }
            let good = try HTTP2Client(port: listener.port)
            let (frame, stream) = (HTTP2Client.framed([UInt8](repeating: 1, count: 30_000)), try good.begin())
            try good.sendData(Array(frame[..<16_000]), stream: stream, ends: false)
            for _ in 0..<10_000 where budget.used != 16_000 - 15_005 + 3 * callBytes { usleep(1000) }
            #expect(budget.used == 16_000 - 15_005 + 3 * callBytes)
            try good.sendData(Array(frame[16_000...]), stream: stream)
            #expect(try good.answer(to: stream).status == "0")
        }
        #expect(sink.exports.count == 1)
        #expect(budget.used == 0)
    }

    @Test("Beyond 1 MiB a message cannot decompress to more than a hundred times its size")
    func inflateRatioIsBounded() async throws {
        try await withGRPC { listener in
            let client = try HTTP2Client(port: listener.port)
            for (count, status) in [(1 << 20, "0"), (3 << 20, "8")] {
                let body = compressed([UInt8](repeating: 0, count: count), windowBits: 31)
                let stream = try client.send(
                    frame: HTTP2Client.framed(body, flag: 1), headers: [("grpc-encoding", "gzip")])
                let answer = try client.answer(to: stream)
                #expect(answer.status == status)
                #expect(answer.message?.contains("max_inflate_ratio") == (status == "8" ? true : nil))
            }
        }
    }

    @Test("Connections beyond the limit wait until another one ends")
    func connectionsAreLimited() async throws {
        try await withGRPC(limits: ServerLimits { $0.maxConnections = 1 }) { listener in
            let first = try HTTP2Client(port: listener.port)
            #expect(try first.call(Self.check, []).status == "0")
            let second = try HTTP2Client(port: listener.port)
            let stream = try second.send(Self.check, frame: HTTP2Client.framed([]))
            #expect(try first.call(Self.check, []).status == "0")
            first.socket.reset()
            #expect(try second.answer(to: stream).status == "0")
        }
    }
}
