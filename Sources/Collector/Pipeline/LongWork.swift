internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Server

/// Work that would block the event loop for long: done on a separate thread, one item at a time, so that together they
/// need the memory of one.
enum LongWork {
    /// Larger bodies take milliseconds to decode.
    static let bodyBytes = MetricsBatch.wholeBytes

    /// Its thread lives as long as the process.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// The result of `work` for a body: at once, or for a long one as a promise.
    static func run<Value: Sendable>(
        on body: ByteBuffer, for eventLoop: any EventLoop, _ work: @escaping @Sendable () -> Value
    ) -> Answer<Value> {
        body.readableBytes > bodyBytes ? .later(run(on: eventLoop, work)) : .now(work())
    }

    /// A promise of the result of `work`, on this event loop.
    static func run<Value: Sendable>(
        on eventLoop: any EventLoop, _ work: @escaping @Sendable () -> Value
    ) -> EventLoopFuture<Value> {
        pool.runIfActive(eventLoop: eventLoop, work)
    }
}
