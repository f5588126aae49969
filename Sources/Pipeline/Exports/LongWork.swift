internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Server

/// Work that would block the event loop for long: done on other threads, one item at a time in each lane, so that a
/// lane needs the memory of one.
enum LongWork {
    /// Larger bodies take milliseconds to decode.
    static let bodyBytes = MetricsBatch.wholeBytes
    /// Larger pages take milliseconds to prepare. 256 KiB.
    static let pageBytes = 256 << 10

    /// A thread that does one item after the other; it lives as long as the process.
    final class Lane: Sendable {
        static let bodies = Lane()
        /// Pages for Prometheus do not wait for those of other readers.
        static let prometheusPages = Lane()
        static let otherPages = Lane()

        fileprivate let pool = NIOThreadPool(numberOfThreads: 1)

        private init() { pool.start() }
    }

    /// The result of `work` for a body: at once, or for a long one as a promise.
    static func run<Value: Sendable>(
        on body: ByteBuffer, for eventLoop: any EventLoop, _ work: @escaping @Sendable () -> Value
    ) -> Answer<Value> {
        body.readableBytes > bodyBytes ? .later(run(on: eventLoop, in: .bodies, work)) : .now(work())
    }

    /// A promise of the result of `work`, on this event loop.
    static func run<Value: Sendable>(
        on eventLoop: any EventLoop, in lane: Lane, _ work: @escaping @Sendable () -> Value
    ) -> EventLoopFuture<Value> {
        lane.pool.runIfActive(eventLoop: eventLoop, work)
    }
}
