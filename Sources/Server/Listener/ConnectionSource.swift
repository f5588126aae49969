package import NIOCore
internal import Settings
internal import Synchronization

/// The source of a connection by its address: an IPv4 address, or the network of an IPv6 address, since one host can
/// have any number of those.
package struct ConnectionSource: Hashable, Sendable {
    /// The first 64 bits of an IPv6 address, or an IPv4 address.
    private let bits: UInt64
    private let isIPv4: Bool

    /// Nil for other addresses.
    package init?(_ address: SocketAddress?) {
        guard let bytes = Self.bytes(of: address) else { return nil }
        let low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        let high = bytes.dropLast(8).reduce(0) { $0 << 8 | UInt64($1) }
        // IPv4 on an IPv6 socket, and ::1, which is this machine like 127.0.0.1.
        let isMapped = bytes.count == 16 && high == 0 && low >> 32 == 0xFFFF
        let isLoopback = bytes.count == 16 && high == 0 && low == 1
        isIPv4 = bytes.count == 4 || isMapped || isLoopback
        bits = isLoopback ? 0x7F00_0001 : isIPv4 ? low & 0xFFFF_FFFF : high
    }

    /// The 4 or 16 bytes of the address itself.
    private static func bytes(of address: SocketAddress?) -> [UInt8]? {
        // Their place in `sockaddr_in` and `sockaddr_in6`, on every system.
        let place: Range<Int>
        switch address {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket, nil: return nil
        }
        return address?.withSockAddr { pointer, size in
            size >= place.upperBound ? Array(UnsafeRawBufferPointer(start: pointer, count: size)[place]) : nil
        }
    }
}

/// How many connections of a listener each source has open. Thread-safe.
final class ConnectionShares: Sendable {
    private let counts = Mutex<[ConnectionSource: Int]>([:])

    /// Counts one more; returns the number of the source's connections with it.
    func add(_ source: ConnectionSource) -> Int {
        counts.withLock { counts in
            counts[source, default: 0] += 1
            return counts[source, default: 0]
        }
    }

    func remove(_ source: ConnectionSource) {
        counts.withLock { counts in
            let rest = counts[source, default: 1] - 1
            counts[source] = rest > 0 ? rest : nil
        }
    }
}

/// A handler of a new connection until it is open: limits the connections of one source. Beyond the limit, the
/// connection of the same source that has waited longest for its client is closed, or else this one.
final class ShareCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let loop: ListenerLoop
    private let shares: ConnectionShares

    init(loop: ListenerLoop, shares: ConnectionShares) {
        self.loop = loop
        self.shares = shares
    }

    func channelActive(context: ChannelHandlerContext) {
        let limit = loop.settings.limits.maxConnectionsPerSource
        guard limit > 0, let peer = context.channel.remoteAddress, let source = ConnectionSource(peer) else {
            return pass(context)
        }
        let count = shares.add(source)
        context.channel.closeFuture.whenComplete { [shares] _ in shares.remove(source) }
        if count > limit, !loop.evictLongestWaiting(for: .sourceLimit, from: source, besides: peer) {
            loop.settings.observer?.evicted(.sourceLimit, listener: loop.settings.name)
            return context.close(promise: nil)
        }
        pass(context)
    }

    private func pass(_ context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
