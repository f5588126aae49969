internal import NIOCore

/// A connection as `ListenerLoop` sees it, whatever it speaks. Used on its event loop only.
protocol ListenerConnection: AnyObject {
    /// Its place in the loop's list; the loop's to change.
    var slot: Int { get set }
    /// When what the connection is at must be over, or earlier: then it is asked again.
    var deadline: NIODeadline { get }
    /// Since when the connection has been waiting for its client: for the next request, for the rest of one or of its
    /// handshake, for a response to be taken in. nil while it is at work.
    var waitingSince: NIODeadline? { get }
    /// Whether it has been answered before.
    var hasServed: Bool { get }
    /// Where the client is.
    var peer: SocketAddress? { get }
    /// Ends what has taken too long, and sets the next deadline.
    func deadlinePassed()
    /// Lets what is at hand be the last. Idle connections are closed when `ListenerLoop.closesIdle` says so.
    func drain()
    /// Goes on as far as it can.
    func proceed()
    /// Makes room for another connection: closes at once, with a word where the protocol has one for it.
    func evict()
    /// Closes at once; what is not sent yet is lost.
    func abort()
}
