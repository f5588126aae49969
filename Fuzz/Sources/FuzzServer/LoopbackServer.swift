import Glibc
import NIOCore
import NIOPosix
import OTLP
import Receiver
import Server
import Settings

/// An OTLP receiver on loopback, and a client that sends fuzzed bytes over real sockets.
public final class LoopbackServer: Sendable {
    private let port: UInt16

    /// Accepts every export; decodes it to count its records.
    private struct CountingSink: ExportSink {
        let signal: Signal

        func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
            let counted = body.withUnsafeReadableBytes { bytes in
                Result { () throws(DecodingFailure) in try RecordCount(bytes, of: signal, as: encoding) }
            }
            switch counted {
            case .success: return .now(.success(.full))
            case .failure(let failure): return .now(.failure(.malformed("\(failure)")))
            }
        }
    }

    /// - Parameter isGRPC: false: OTLP/HTTP.
    public init(isGRPC: Bool) {
        let sinks = SignalSinks(
            metrics: CountingSink(signal: .metrics), logs: CountingSink(signal: .logs),
            traces: CountingSink(signal: .traces))
        let pages = CORSPolicy(CORSSettings(allowedOrigins: ["http://*"]))
        let served: ServedProtocol =
            isGRPC
            ? .grpc(OTLPGRPCService(sinks: sinks), HTTP2Limits())
            : .http(CORSService(pages, before: OTLPHTTPService(sinks: sinks)))
        // Longer than the client waits: a connection that the server ends only by a time-out is a finding.
        let limits = ServerLimits {
            $0.headTimeout = .seconds(60)
            $0.lingerTimeout = .seconds(60)
        }
        let settings = ListenerSettings(name: "fuzz", host: "127.0.0.1", port: 0, limits: limits)
        do {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            port = UInt16(try HTTPListener.bind(settings, on: group, serving: served).wait().port)
        } catch {
            // Nothing can be tested without a server.
            fatalError("no listener: \(error)")
        }
    }

    /// Tells the fuzzer of a finding.
    public static func tell(_ finding: String) -> Never {
        // A trap reports it to the fuzzer.
        fatalError(finding)
    }

    /// Sends these pieces over a new connection, closes its side, and reads until the server closes.
    /// - Returns: the received bytes; nil after more than 10 s.
    public func answer(to pieces: [[UInt8]]) -> [UInt8]? {
        // The alarm of the fuzzer would interrupt a call; the time limit here replaces it.
        var alarm = sigset_t()
        sigemptyset(&alarm)
        sigaddset(&alarm, SIGALRM)
        pthread_sigmask(SIG_BLOCK, &alarm, nil)
        defer { pthread_sigmask(SIG_UNBLOCK, &alarm, nil) }
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if client < 0 { Self.tell("no socket: \(errno)") }
        defer { close(client) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // A port stays in use after the connection ends; one address would soon run out of ports.
        let source = UInt32.random(in: 0x7F00_0001...0x7FFF_FFFE)
        if Self.with(source, port: 0, { bind(client, $0, $1) }) != 0 { Self.tell("no address: \(errno)") }
        if Self.with(0x7F00_0001, port: port, { connect(client, $0, $1) }) != 0 {
            Self.tell("the server takes no connection any more: \(errno)")
        }
        for piece in pieces where !piece.isEmpty { send(client, piece, piece.count, Int32(MSG_NOSIGNAL)) }
        shutdown(client, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN { return nil }
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
    }

    private static func with(
        _ address: UInt32, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var socketAddress = sockaddr_in()
        socketAddress.sin_family = sa_family_t(AF_INET)
        socketAddress.sin_port = port.bigEndian
        socketAddress.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
