internal import NIOCore

/// A connection as `ListenerLoop` sees it, whatever its protocol. Used on its event loop only.
protocol ListenerConnection: AnyObject {
    /// Its index in the loop's list; changed by the loop.
    var slot: Int { get set }
    /// When the current phase must end, or earlier: then `deadlinePassed` is called again.
    var deadline: NIODeadline { get }
    /// Since when the connection has been waiting for its client: for the next request, for the rest of one or of its
    /// handshake, or for the client to read a response. Nil while it is busy.
    var waitingSince: NIODeadline? { get }
    /// Whether it has been answered before.
    var hasServed: Bool { get }
    /// The client's address.
    var peer: SocketAddress? { get }
    /// Ends a phase that has taken too long, and sets the next deadline.
    func deadlinePassed()
    /// Makes the current requests the last. Idle connections are closed when `ListenerLoop.closesIdle` says so.
    func drain()
    /// Continues as far as possible.
    func proceed()
    /// Makes room for another connection: closes at once, with a message if the protocol has one for it.
    func evict()
    /// Closes at once; unsent data is lost.
    func abort()
}
