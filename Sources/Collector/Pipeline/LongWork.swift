internal import NIOCore
internal import NIOPosix

/// Work that would hold up the event loop for long: done on a thread of its own, one piece after the other, so that the
/// memory it takes is that of one.
enum LongWork {
    /// Bodies of more bytes take milliseconds to read. 256 KiB.
    static let bodyBytes = 256 << 10

    /// Its thread lives as long as the process.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// The promise of what `work` makes, on this event loop.
    static func run<Value: Sendable>(
        on eventLoop: any EventLoop, _ work: @escaping @Sendable () -> Value
    ) -> EventLoopFuture<Value> {
        pool.runIfActive(eventLoop: eventLoop, work)
    }
}
