internal import NIOCore
internal import NIOHTTP1
internal import Settings

/// What has arrived on a connection after a request that is not answered yet, in order; bounded in requests for this
/// connection, and in bytes for all connections of the loop.
struct ArrivalBacklog {
    enum Arrival {
        case part(HTTPServerRequestPart)
        case failure(ServerRefusal)
        case endOfInput
    }

    private let loop: ListenerLoop
    private var arrivals = CircularBuffer<Arrival>(initialCapacity: 4)
    private var requests = 0
    /// Its part of `loop.backlogBytes`.
    private var bytes = 0

    init(loop: ListenerLoop) { self.loop = loop }

    var isEmpty: Bool { arrivals.isEmpty }

    /// - Returns: false if there is no room.
    mutating func append(_ arrival: Arrival) -> Bool {
        let limits = loop.settings.limits
        let count = arrival.byteCount
        requests += arrival.isHead ? 1 : 0
        guard requests <= limits.pipelinedRequests, loop.backlogBytes + count <= limits.pipelinedBytes else {
            return false
        }
        arrivals.append(arrival)
        bytes += count
        loop.backlogBytes += count
        return true
    }

    mutating func popFirst() -> Arrival? {
        guard let arrival = arrivals.popFirst() else { return nil }
        requests -= arrival.isHead ? 1 : 0
        bytes -= arrival.byteCount
        loop.backlogBytes -= arrival.byteCount
        return arrival
    }

    mutating func removeAll() {
        arrivals.removeAll()
        loop.backlogBytes -= bytes
        (requests, bytes) = (0, 0)
    }
}

extension ArrivalBacklog.Arrival {
    fileprivate var isHead: Bool {
        if case .part(.head) = self { true } else { false }
    }

    /// Its approximate memory.
    fileprivate var byteCount: Int {
        switch self {
        case .part(.head(let head)):
            head.headers.reduce(256 + head.uri.utf8.count) { $0 + 64 + $1.name.utf8.count + $1.value.utf8.count }
        case .part(.body(let bytes)): 128 + bytes.readableBytes
        case .part(.end), .failure, .endOfInput: 128
        }
    }
}
