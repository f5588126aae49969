import Glibc
import NIOCore
import NIOPosix
import OTLP
import Receiver
import Server
import Settings

/// A receiver of OTLP on loopback, and a client that sends it whatever the fuzzer thinks of, over real sockets.
public final class LoopbackServer: Sendable {
    private let port: UInt16

    /// Takes every export; decodes it as far as counting its records goes.
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
        // Longer than the client waits: what the server only ends by a timeout is a finding.
        let limits = ServerLimits {
            $0.headTimeout = .seconds(60)
            $0.lingerTimeout = .seconds(60)
        }
        let settings = ListenerSettings(name: "fuzz", host: "127.0.0.1", port: 0, limits: limits)
        do {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            port = UInt16(try HTTPListener.bind(settings, on: group, serving: served).wait().port)
        } catch {
            // Without a server there is nothing to try.
            fatalError("no listener: \(error)")
        }
    }

    /// Tells the fuzzer of a finding.
    public static func tell(_ finding: String) -> Never {
        // A trap is how a fuzzer is told.
        fatalError(finding)
    }

    /// Sends these pieces over a connection of its own, ends it, and reads what comes back until the server ends it too.
    /// - Returns: what came back; nil when that took more than 10 s.
    public func answer(to pieces: [[UInt8]]) -> [UInt8]? {
        // The alarm by which the fuzzer looks at the time would end a call early; here the limit of time stands for it.
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
        // A port stays occupied after the connection's end, so that one address would soon have none left.
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
