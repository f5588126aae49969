internal import NIOCore

/// A connection as `ListenerLoop` sees it, whatever it speaks. Used on its event loop only.
protocol ListenerConnection: AnyObject {
    /// Its place in the loop's list; the loop's to change.
    var slot: Int { get set }
    /// When what the connection is at must be over, or earlier: then it is asked again.
    var deadline: NIODeadline { get }
    /// Ends what has taken too long, and sets the next deadline.
    func deadlinePassed()
    /// Lets what is at hand be the last. Idle connections are closed when `ListenerLoop.closesIdle` says so.
    func drain()
    /// Goes on as far as it can.
    func proceed()
    /// Closes at once; what is not sent yet is lost.
    func abort()
}
