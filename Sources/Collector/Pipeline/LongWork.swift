internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Server

/// Work that would hold up the event loop for long: done on a thread of its own, one piece after the other, so that the
/// memory it takes is that of one.
enum LongWork {
    /// Bodies of more bytes take milliseconds to read.
    static let bodyBytes = MetricsBatch.wholeBytes

    /// Its thread lives as long as the process.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// What `work` makes of a body: at once, or of a long one by promise.
    static func run<Value: Sendable>(
        on body: ByteBuffer, for eventLoop: any EventLoop, _ work: @escaping @Sendable () -> Value
    ) -> Answer<Value> {
        body.readableBytes > bodyBytes ? .later(run(on: eventLoop, work)) : .now(work())
    }

    /// The promise of what `work` makes, on this event loop.
    static func run<Value: Sendable>(
        on eventLoop: any EventLoop, _ work: @escaping @Sendable () -> Value
    ) -> EventLoopFuture<Value> {
        pool.runIfActive(eventLoop: eventLoop, work)
    }
}
