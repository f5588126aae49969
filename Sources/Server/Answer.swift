package import NIOCore

/// A response, or a promise of one.
package enum Answer<Reply: Sendable>: Sendable {
    case now(Reply)
    /// The type of the reply documents whether it may fail, and what that means.
    case later(EventLoopFuture<Reply>)

    /// Maps the reply once it is known.
    @inlinable
    package func map<Other: Sendable>(_ transform: @escaping @Sendable (Reply) -> Other) -> Answer<Other> {
        switch self {
        case .now(let reply): .now(transform(reply))
        case .later(let future): .later(future.map(transform))
        }
    }

    /// Continues with another answer once the reply is known.
    @inlinable
    package func flatMap<Other: Sendable>(_ transform: @escaping @Sendable (Reply) -> Answer<Other>) -> Answer<Other> {
        switch self {
        case .now(let reply): transform(reply)
        case .later(let future):
            .later(future.flatMap { [eventLoop = future.eventLoop] in transform($0).future(on: eventLoop) })
        }
    }

    /// A promise of it, on this event loop or that of the promise.
    @inlinable
    package func future(on eventLoop: any EventLoop) -> EventLoopFuture<Reply> {
        switch self {
        case .now(let reply): eventLoop.makeSucceededFuture(reply)
        case .later(let future): future
        }
    }
}
