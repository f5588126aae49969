import NIOCore
import NIOHPACK

/// A blocking HTTP/2 client that sends exactly the given frames, and sorts received frames by stream.
///
/// Used by one thread at a time.
final class HTTP2Client {
    struct Frame {
        var type: UInt8
        var flags: UInt8
        var stream: Int
        var payload: [UInt8]

        var number: Int { payload.suffix(4).reduce(0) { $0 << 8 | Int($1) } }
    }

    struct Answer {
        var headers: HPACKHeaders = [:]
        /// Equal to `headers` for trailers only.
        var trailers: HPACKHeaders = [:]
        var data: [UInt8] = []
        var isEnded = false
        /// The code of RST_STREAM.
        var reset: Int?

        var status: String? { trailers.first(name: "grpc-status") }
        var message: String? { trailers.first(name: "grpc-message") }
        /// Without the prefix; nil if there is no complete message.
        var reply: [UInt8]? { data.count >= 5 && data[0] == 0 ? Array(data.dropFirst(5)) : nil }
    }

    struct GoAway: Equatable {
        var last: Int
        var code: Int
    }

    static let metrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
    static let logs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    static let traces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

    let socket: RawClient
    private(set) var answers: [Int: Answer] = [:]
    private(set) var goAways: [GoAway] = []
    private(set) var pingAcks: [[UInt8]] = []
    /// The settings of the server, by number.
    private(set) var settings: [Int: Int] = [:]
    /// Window updates of the server, by stream; bytes.
    private(set) var granted: [Int: Int] = [:]
    private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private var unread: [UInt8] = []
    private var nextStream = 1
    /// Answers SETTINGS.
    private var acknowledges = true

    /// Sends the preface and SETTINGS.
    init(port: Int, settings: [(Int, Int)] = [], receiveBufferBytes: Int32? = nil) throws {
        socket = try RawClient(port: port, receiveBufferBytes: receiveBufferBytes)
        try socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        try send(4, payload: settings.flatMap { [0, UInt8($0.0)] + Self.bytes($0.1) })
    }

    /// Only reads the responses of a connection whose requests were recorded.
    init(reading port: Int) throws {
        socket = try RawClient(port: port)
        acknowledges = false
    }

    static func bytes(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

    /// A message with its prefix.
    static func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] { [flag] + bytes(message.count) + message }

    func send(_ type: UInt8, flags: UInt8 = 0, stream: Int = 0, payload: [UInt8] = []) throws {
        try socket.send(Array(Self.bytes(payload.count).dropFirst()) + [type, flags] + Self.bytes(stream) + payload)
    }

    /// Begins a call and returns its stream.
    func begin(
        _ path: String = metrics, method: String = "POST", type: String = "application/grpc",
        headers: [(String, String)] = [], ends: Bool = false
    ) throws -> Int {
        let stream = nextStream
        nextStream += 2
        var block = ByteBuffer()
        var all: HPACKHeaders = [
            ":method": method, ":scheme": "http", ":path": path, ":authority": "h", "content-type": type,
            "te": "trailers",
        ]
        for (name, value) in headers { all.add(name: name, value: value) }
        try encoder.encode(headers: all, to: &block)
        try send(1, flags: ends ? 0x5 : 0x4, stream: stream, payload: Array(block.readableBytesView))
        return stream
    }

    func sendData(_ bytes: [UInt8], stream: Int, ends: Bool = true) throws {
        try send(0, flags: ends ? 1 : 0, stream: stream, payload: bytes)
    }

    /// Sends a whole call; `frame` stands for the message with its prefix.
    func send(_ path: String = metrics, frame: [UInt8], headers: [(String, String)] = []) throws -> Int {
        let stream = try begin(path, headers: headers)
        var rest = frame[...]
        while rest.count > 16384 {
            try sendData(Array(rest.prefix(16384)), stream: stream, ends: false)
            rest = rest.dropFirst(16384)
        }
        try sendData(Array(rest), stream: stream)
        return stream
    }

    /// An export of metrics and its answer.
    func call(_ message: [UInt8], headers: [(String, String)] = []) throws -> Answer {
        try call(Self.metrics, message, headers: headers)
    }

    /// Sends a whole call and reads its answer.
    func call(_ path: String, _ message: [UInt8], headers: [(String, String)] = []) throws -> Answer {
        try answer(to: try send(path, frame: Self.framed(message), headers: headers))
    }

    /// Reads until the stream has ended.
    func answer(to stream: Int) throws -> Answer {
        while true {
            if let answer = answers[stream], answer.isEnded || answer.reset != nil { return answer }
            guard try readFrame() != nil else { throw RawClient.Failure("closed before the answer to \(stream)") }
        }
    }

    /// Reads until the server closes.
    func readToEnd() throws { while try readFrame() != nil {} }

    /// Reads frames until the condition holds.
    func read(until condition: (HTTP2Client) -> Bool) throws {
        while !condition(self) {
            guard try readFrame() != nil else { throw RawClient.Failure("closed") }
        }
    }

    /// Reads the next frame; nil if the server has closed.
    @discardableResult
    func readFrame() throws -> Frame? {
        guard let head = try take(9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        let stream = head[5...].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        guard let payload = try take(length) else { throw RawClient.Failure("closed within a frame") }
        let frame = Frame(type: head[3], flags: head[4], stream: stream, payload: payload)
        try sort(frame)
        return frame
    }

    private func sort(_ frame: Frame) throws {
        switch frame.type {
        case 0:
            answers[frame.stream, default: Answer()].data += frame.payload
            if frame.flags & 1 != 0 { answers[frame.stream]?.isEnded = true }
        case 1:
            var block = ByteBuffer(bytes: frame.payload)
            let headers = try decoder.decodeHeaders(from: &block)
            var answer = answers[frame.stream] ?? Answer()
            if answer.headers.isEmpty { answer.headers = headers }
            if frame.flags & 1 != 0 {
                answer.trailers = headers
                answer.isEnded = true
            }
            answers[frame.stream] = answer
        case 3: answers[frame.stream, default: Answer()].reset = frame.number
        case 4 where frame.flags & 1 == 0:
            for start in stride(from: 0, to: frame.payload.count, by: 6) {
                let setting = frame.payload[start..<start + 6]
                settings[Int(setting[start + 1])] = setting.suffix(4).reduce(0) { $0 << 8 | Int($1) }
            }
            if acknowledges { try send(4, flags: 1) }
        case 6 where frame.flags & 1 != 0: pingAcks.append(frame.payload)
        case 7:
            goAways.append(
                GoAway(
                    last: frame.payload.prefix(4).reduce(0) { $0 << 8 | Int($1) },
                    code: frame.payload[4..<8].reduce(0) { $0 << 8 | Int($1) }))
        case 8: granted[frame.stream, default: 0] += frame.number
        default: break
        }
    }

    private func take(_ count: Int) throws -> [UInt8]? {
        while unread.count < count {
            let more = try socket.readSome()
            if more.isEmpty { return nil }
            unread += more
        }
        defer { unread.removeFirst(count) }
        return Array(unread.prefix(count))
    }
}
