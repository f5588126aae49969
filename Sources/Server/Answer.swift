package import NIOCore

/// An answer, or the promise of one.
package enum Answer<Reply: Sendable>: Sendable {
    case now(Reply)
    /// What its failure means, and whether it may fail, the type of the reply says.
    case later(EventLoopFuture<Reply>)

    /// What is made of the reply as soon as there is one.
    @inlinable
    package func map<Other: Sendable>(_ transform: @escaping @Sendable (Reply) -> Other) -> Answer<Other> {
        switch self {
        case .now(let reply): .now(transform(reply))
        case .later(let future): .later(future.map(transform))
        }
    }

    /// The answer that the reply leads to as soon as there is one.
    @inlinable
    package func flatMap<Other: Sendable>(_ transform: @escaping @Sendable (Reply) -> Answer<Other>) -> Answer<Other> {
        switch self {
        case .now(let reply): transform(reply)
        case .later(let future):
            .later(future.flatMap { [eventLoop = future.eventLoop] in transform($0).future(on: eventLoop) })
        }
    }

    /// The promise of it, on this event loop or that of the promise.
    @inlinable
    package func future(on eventLoop: any EventLoop) -> EventLoopFuture<Reply> {
        switch self {
        case .now(let reply): eventLoop.makeSucceededFuture(reply)
        case .later(let future): future
        }
    }
}
