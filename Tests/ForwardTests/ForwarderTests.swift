import NIOCore
import OTLP
import Settings
import Synchronization
import Testing

@testable import Forward

@Suite struct ForwarderTests {
    /// A transport with the answers of a test; records exports.
    private final class StandInTransport: ExportTransport {
        private let state: Mutex<(sent: [String], answer: @Sendable (Int) -> SendOutcome)>

        init(_ answer: @escaping @Sendable (Int) -> SendOutcome) { state = Mutex(([], answer)) }

        var sent: [String] { state.withLock { $0.sent } }

        func send(_ export: ForwardedExport) async -> SendOutcome {
            state.withLock { state in
                state.sent.append(String(buffer: export.body))
                return state.answer(state.sent.count - 1)
            }
        }

        func close() async {}
    }

    /// Runs a forwarder with three exports of two records each until all are sent or dropped.
    private static func run(
        _ retry: RetrySettings, _ answer: @escaping @Sendable (Int) -> SendOutcome
    ) async -> (sent: [String], counts: ForwardCounts, events: [String], left: QueueDepth) {
        let (queue, _) = ExportQueue.open(QueueSettings(path: nil), now: 0)
        let transport = StandInTransport(answer)
        let events = EventRecorder()
        let forwarder = Forwarder(
            name: "otlphttp", queue: queue, retry: retry, transports: [transport], observer: events)
        forwarder.start()
        for text in ["a", "b", "c"] {
            let export = ForwardedExport(
                signal: .logs, encoding: .protobuf, records: 2, body: ByteBuffer(string: text))
            await withCheckedContinuation { continuation in forwarder.take(export) { _ in continuation.resume() } }
        }
        #expect(await eventually { queue.isDone })
        let left = await forwarder.drain(within: .seconds(5))
        forwarder.close()
        return (transport.sent, forwarder.counts, events.names, left)
    }

    @Test("a failed export is retried until it is delivered; the failure is reported once, and its end")
    func failedExportIsSentAgain() async {
        let run = await Self.run(.fast()) {
            $0 < 3 ? .failed("HTTP 503") : .delivered(rejected: 0, message: "")
        }
        #expect(run.sent.count == 6)
        #expect(Set(run.sent) == ["a", "b", "c"])
        #expect(run.counts.sent == [.logs: 6])
        #expect(run.counts.failedAttempts == 3)
        #expect(run.events == ["failing", "recovered"])
    }

    @Test("an export with a final error is dropped, counted and reported; the next one is sent")
    func refusedExportIsDropped() async {
        let run = await Self.run(.fast()) {
            $0 == 0 ? .refused(Refusal("HTTP 400")) : .delivered(rejected: 0, message: "")
        }
        #expect(run.sent == ["a", "b", "c"])
        #expect(run.counts.dropped == [.refused: [.logs: 2]])
        #expect(run.counts.sent == [.logs: 4])
        #expect(run.events == ["dropped refused"])
    }

    @Test("records that the destination rejected have their own counter")
    func rejectedRecordsAreCounted() async {
        let run = await Self.run(.fast()) { .delivered(rejected: $0 == 1 ? 1 : 0, message: "") }
        #expect(run.counts.sent == [.logs: 5])
        #expect(run.counts.rejected == [.logs: 1])
        #expect(run.events == ["rejected 1"])
    }

    @Test("for an export stored in part, the known number of lost records is dropped, or all if it is unknown")
    func partlyStoredExports() async {
        let run = await Self.run(.fast()) { number in
            switch number {
            case 0: .partlyStored(dropped: 1, Refusal("HTTP 400"))
            case 1: .partlyStored(dropped: nil, Refusal("HTTP 400"))
            default: .partlyStored(dropped: 7, Refusal("HTTP 400"))
            }
        }
        #expect(run.counts.sent == [.logs: 1])
        #expect(run.counts.dropped == [.refused: [.logs: 3], .partlyStored: [.logs: 2]])
        #expect(run.events == ["partly stored 1", "partly stored unknown", "partly stored 2"])
    }

    @Test("an export that is too large and cannot be split is dropped with its own reason")
    func tooLargeRecordIsDropped() async {
        let run = await Self.run(.fast()) {
            $0 == 0 ? .tooLarge(Refusal("HTTP 413")) : .delivered(rejected: 0, message: "")
        }
        #expect(run.counts.dropped == [.tooLarge: [.logs: 2]])
        #expect(run.counts.sent == [.logs: 4])
        #expect(run.events == ["dropped too_large"])
    }

    @Test("Retry-After is respected")
    func retryAfterIsWaitedFor() async {
        let begin = ContinuousClock.now
        let run = await Self.run(.fast()) {
            $0 == 0 ? .failed("HTTP 429", retryAfter: .milliseconds(300)) : .delivered(rejected: 0, message: "")
        }
        #expect(run.counts.sent == [.logs: 6])
        #expect(ContinuousClock.now - begin >= .milliseconds(300))
    }

    @Test("an export is dropped after max_elapsed_time, or at once without retries, only if configured")
    func exportExpires() async {
        for retry in [RetrySettings.fast { $0.maxElapsedTime = .zero }, .fast { $0.isEnabled = false }] {
            let run = await Self.run(retry) {
                $0 == 0 ? .failed("down", retryAfter: nil) : .delivered(rejected: 0, message: "")
            }
            #expect(run.counts.dropped == [.expired: [.logs: 2]])
            #expect(run.counts.sent == [.logs: 4])
        }
    }

    @Test("intervals of centuries do not trap, and end with the program")
    func hugeIntervals() async {
        let (queue, _) = ExportQueue.open(QueueSettings(path: nil), now: 0)
        var retry = RetrySettings()
        let longest = Duration.nanoseconds(Int64.max)
        (retry.initialInterval, retry.maxInterval, retry.maxElapsedTime) = (longest, longest, longest)
        retry.multiplier = 1000
        let forwarder = Forwarder(
            name: "otlphttp", queue: queue, retry: retry,
            transports: [StandInTransport { _ in .failed("down", retryAfter: .seconds(Int64.max)) }],
            observer: EventRecorder())
        forwarder.start()
        let export = ForwardedExport(signal: .logs, encoding: .json, records: 1, body: ByteBuffer(string: "{}"))
        await withCheckedContinuation { continuation in forwarder.take(export) { _ in continuation.resume() } }
        #expect(await eventually { forwarder.counts.failedAttempts > 0 || !forwarder.counts.dropped.isEmpty })
        _ = await forwarder.drain(within: .seconds(30))
        forwarder.close()
    }

    @Test("draining ends soon while the destination is down, and reports what is left")
    func drainingEndsSoon() async {
        let (queue, _) = ExportQueue.open(QueueSettings(path: nil), now: 0)
        var retry = RetrySettings()
        retry.initialInterval = .seconds(600)
        retry.maxInterval = .seconds(600)
        let forwarder = Forwarder(
            name: "otlphttp", queue: queue, retry: retry,
            transports: [StandInTransport { _ in .failed("down", retryAfter: nil) }], observer: EventRecorder())
        forwarder.start()
        let export = ForwardedExport(signal: .logs, encoding: .json, records: 1, body: ByteBuffer(string: "{}"))
        await withCheckedContinuation { continuation in forwarder.take(export) { _ in continuation.resume() } }
        #expect(await eventually { forwarder.counts.failedAttempts > 0 })
        let begin = ContinuousClock.now
        #expect(await forwarder.drain(within: .seconds(30)).exports == 1)
        #expect(ContinuousClock.now - begin < .seconds(10))
        forwarder.close()
    }
}
