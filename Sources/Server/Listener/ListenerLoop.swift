internal import NIOCore
internal import Settings

/// The state of one listener on one event loop: its connections there, their deadlines, and shared memory.
///
/// Used on that event loop only.
final class ListenerLoop {
    let settings: ListenerSettings
    let eventLoop: any EventLoop
    /// Buffer for small responses.
    var responseBuffer = ByteBuffer()
    /// Buffer for the pieces of streamed responses.
    var pieceBuffer = ByteBuffer()
    /// Buffer for pieces before compression.
    var plainPiece = ByteBuffer()

    /// Bytes of pipelined requests that wait, of all connections.
    var backlogBytes = 0

    /// Connections are closed as soon as they are idle.
    private(set) var closesIdle = false

    /// Connections end after their current requests.
    var isDraining: Bool { drained != nil }

    private var date = DateStamp()
    private var connections: [any ListenerConnection] = []
    private var nextSweep = NIODeadline.distantFuture
    private var sweeping: Scheduled<Void>?
    private var inflaters: [InflateStream] = []
    private var deflater: DeflateStream?
    private var bodyBuffers: [ByteBuffer] = []
    private var drained: EventLoopPromise<Void>?

    /// Maximum size of a body buffer that is kept for the next body.
    private static let keptBodyBytes = 1 << 20
    /// Number of decompressors, and of body buffers, that are kept.
    private static let keptCount = 4
    /// Deadlines that are closer together than this are handled together.
    private static let sweepStep = TimeAmount.milliseconds(5)
    /// How long an idle connection is kept when draining, for a request that is already in flight.
    private static let drainGrace = TimeAmount.milliseconds(20)

    init(settings: ListenerSettings, eventLoop: any EventLoop) {
        self.settings = settings
        self.eventLoop = eventLoop
    }

    func currentDate() -> [UInt8] { date.current() }

    // MARK: Connections and their deadlines

    func add(_ connection: any ListenerConnection) {
        connection.slot = connections.count
        connections.append(connection)
        if drained != nil { connection.drain() }
    }

    func remove(_ connection: any ListenerConnection) {
        let slot = connection.slot
        guard slot < connections.count, connections[slot] === connection else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[slot] = last
            last.slot = slot
        }
        if connections.isEmpty { drained?.succeed(()) }
    }

    /// To be called when a connection's deadline may now be before all others.
    func deadlineMoved(to deadline: NIODeadline) {
        guard deadline < nextSweep else { return }
        sweeping?.cancel()
        nextSweep = deadline
        sweeping = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        sweeping = nil
        nextSweep = .distantFuture
        let now = NIODeadline.now()
        var earliest = NIODeadline.distantFuture
        // A copy, since a connection that is closed leaves the list.
        for connection in connections {
            if connection.deadline <= now { connection.deadlinePassed() }
            earliest = min(earliest, connection.deadline)
        }
        if earliest < .distantFuture { deadlineMoved(to: max(earliest, now + Self.sweepStep)) }
    }

    // MARK: Room for others

    /// Closes the connection that has waited longest for its client; those that never sent a request come first.
    /// - Parameters:
    ///   - source: the required source of the connection; nil: any.
    ///   - newcomer: the connection that needs the room.
    /// - Returns: whether there was one.
    func evictLongestWaiting(
        for reason: EvictionReason, from source: ConnectionSource? = nil, besides newcomer: SocketAddress? = nil
    ) -> Bool {
        let limit = NIODeadline.now() - settings.limits.evictableAfter
        var longest: (any ListenerConnection)?
        var least = (served: 1, since: limit)
        for connection in connections {
            guard let since = connection.waitingSince else { continue }
            let rank = (served: connection.hasServed ? 1 : 0, since: since)
            guard since <= limit, longest == nil || rank < least else { continue }
            if let source, ConnectionSource(connection.peer) != source { continue }
            if let newcomer, connection.peer == newcomer { continue }
            longest = connection
            least = rank
        }
        guard let longest else { return false }
        settings.observer?.evicted(reason, listener: settings.name)
        longest.evict()
        return true
    }

    // MARK: Drain

    /// Ends every connection: idle ones soon, busy ones after their response, all of them at the deadline. Another call
    /// may set another deadline; the earlier one is used.
    func drain(until deadline: NIODeadline) -> EventLoopFuture<Void> {
        if let drained {
            abortConnections(at: deadline)
            return drained.futureResult
        }
        let promise = eventLoop.makePromise(of: Void.self)
        drained = promise
        for connection in connections { connection.drain() }
        if connections.isEmpty { promise.succeed(()) }
        let isolated = eventLoop.assumeIsolated()
        let grace = isolated.scheduleTask(in: Self.drainGrace) {
            self.closesIdle = true
            for each in self.connections { each.proceed() }
        }
        promise.futureResult.assumeIsolated().whenComplete { _ in
            grace.cancel()
            self.sweeping?.cancel()
        }
        abortConnections(at: deadline)
        return promise.futureResult
    }

    private func abortConnections(at deadline: NIODeadline) {
        let end = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            for each in self.connections { each.abort() }
        }
        drained?.futureResult.assumeIsolated().whenComplete { _ in end.cancel() }
    }

    // MARK: Shared memory

    /// Empty, to be returned after use. Data that was written from it and is still being sent keeps its bytes.
    func takeResponseBuffer() -> ByteBuffer { Self.take(&responseBuffer) }

    /// The same for pieces of `OutgoingResponse.pieceBytes`.
    func takePieceBuffer() -> ByteBuffer { Self.take(&pieceBuffer) }

    private static func take(_ shared: inout ByteBuffer) -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &shared)
        buffer.clear()
        return buffer
    }

    /// Nil if there is no memory.
    func takeDecoder(of coding: ContentCoding) -> BodyDecoder? {
        switch coding {
        case .gzip, .zlib, .deflate: (inflaters.popLast() ?? InflateStream()).map { .zlib($0) }
        case .zstd: ZstdStream().map { .zstd($0) }
        }
    }

    /// Decompressors of zstd are not kept: their windows may have megabytes.
    func give(_ decoder: BodyDecoder) {
        guard case .zlib(let inflater) = decoder else { return }
        if inflaters.count < Self.keptCount { inflaters.append(inflater) }
    }

    /// Ready to start; nil if there is no memory.
    func takeDeflater() -> DeflateStream? {
        guard let taken = deflater ?? DeflateStream() else { return nil }
        deflater = nil
        taken.start()
        return taken
    }

    func give(_ stream: DeflateStream) { deflater = stream }

    /// An empty buffer for a body.
    func takeBodyBuffer() -> ByteBuffer {
        guard var buffer = bodyBuffers.popLast() else { return ByteBuffer() }
        buffer.clear()
        return buffer
    }

    /// Returns a buffer whose bytes the caller no longer needs. Others may still hold it.
    func give(_ buffer: ByteBuffer) {
        if buffer.capacity <= Self.keptBodyBytes, bodyBuffers.count < Self.keptCount { bodyBuffers.append(buffer) }
    }
}
