import Foundation
import Testing

/// gRPC clients and the whole collector: recorded bytes of a real client, and the Python exporter.
@Suite struct GRPCTests {
    /// A collector with both protocols, own metrics on the page, and pipelines for logs and traces.
    static func configuration(grpcPort: Int = 0, httpPort: Int = 0, metricsPort: Int = 0, state: String = "") -> String
    {
        """
        receivers:
          otlp:
            protocols:
              grpc: {endpoint: "127.0.0.1:\(grpcPort)"}
              http: {endpoint: "127.0.0.1:\(httpPort)"}
        exporters:
          prometheus: {endpoint: "127.0.0.1:\(metricsPort)"}
          nop:
        service:
          telemetry: {metrics: {level: normal, readers: []}}
          pipelines:
            metrics: {receivers: [otlp], exporters: [prometheus]}
            logs: {receivers: [otlp], exporters: [nop]}
            traces: {receivers: [otlp], exporters: [nop]}
        odometer:
          own_metrics_on_exporters: true
        \(state)
        """
    }

    private static func calls(_ status: String, on page: ExpositionText) -> Double? {
        page["odometer_grpc_responses_total", ["listener": "otlp grpc", "status": status]]
    }

    /// The recorded connections: calls on each, by the order of their streams.
    @Test("R-GRPC-01 R-GRPC-02 R-GRPC-12 R-GRPC-14 the recorded bytes of Claude Code get OK for every call")
    func recordedBytesGetOK() async throws {
        let folder = Fixtures.captures.appending(path: "raw-grpc")
        let connections = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".client.bin") }.sorted()
        #expect(connections.count == 2)
        try await AppInProcess.run(Self.configuration()) { collector in
            var ended = 0
            for name in connections {
                let client = try HTTP2Client(reading: collector.grpcPort)
                let bytes = try Fixtures.bytes(folder.appending(path: name))
                let streams = HTTP2Client.streams(in: bytes)
                try client.socket.send(bytes)
                for stream in streams {
                    let answer = try client.answer(to: stream)
                    #expect(answer.status == "0", "\(name) stream \(stream): \(answer.headers)")
                    ended += 1
                }
                #expect(client.goAways == [])
            }
            #expect(ended == 6)
            let page = try collector.scrape()
            #expect(Self.calls("OK", on: page) == 6)
            let capture = try CaptureFixture("raw-grpc")
            #expect(capture.differences(from: page.samples) == [])
        }
    }

    @Test("R-GRPC-01 R-GRPC-03 the totals of all captures are exact over gRPC", arguments: CaptureFixture.names)
    func totalsAreExact(name: String) async throws {
        let capture = try CaptureFixture(name)
        try await AppInProcess.run(Self.configuration()) { collector in
            let client = try HTTP2Client(port: collector.grpcPort)
            for export in try capture.metricsExports where !export.isJSON {
                let headers = export.isGzip ? [("grpc-encoding", "gzip")] : []
                let frame = HTTP2Client.framed(export.body, flag: export.isGzip ? 1 : 0)
                // Like a client that did not get its answer.
                for _ in 0..<2 {
                    let answer = try client.answer(to: try client.send(frame: frame, headers: headers))
                    #expect(answer.status == "0")
                    #expect(answer.reply == [])
                }
            }
            for export in try capture.metricsExports where export.isJSON {
                #expect(try HTTPClient(port: collector.otlpPort).exchange(export).status == 200)
            }
            #expect(capture.differences(from: try collector.scrape().samples) == [])
        }
    }

    @Test("R-GRPC-05 R-GRPC-07 malformed and rejected exports are reported as over HTTP")
    func faultsAreTold() async throws {
        try await AppInProcess.run(Self.configuration()) { collector in
            let client = try HTTP2Client(port: collector.grpcPort)
            let malformed = try client.call([0xFF])
            #expect(malformed.status == "3")
            #expect(malformed.message?.contains("protobuf") == true)
            // One monotonic delta sum with a negative increment.
            var point: [UInt8] = [0x11] + [0, 0, 0, 0, 0, 0, 0, 1] + [0x19] + [0, 0, 0, 0, 0, 0, 0, 2]
            point += [0x31] + [UInt8](repeating: 0xFF, count: 8)
            let sum = Self.field(1, point) + [0x10, 1, 0x18, 1]
            let metric = Self.field(1, Array("m".utf8)) + Self.field(7, sum)
            let answer = try client.call(Self.field(1, Self.field(2, Self.field(2, metric))))
            #expect(answer.status == "0")
            let text = String(decoding: answer.reply ?? [], as: UTF8.self)
            #expect(text.contains("first in metric \"m\""), "\(text)")
            let page = try collector.scrape()
            #expect(Self.calls("OK", on: page) == 1)
            #expect(Self.calls("INVALID_ARGUMENT", on: page) == 1)
        }
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
}

extension HTTPExport {
    fileprivate var isJSON: Bool { headers.contains { $0.1 == "application/json" } }
    fileprivate var isGzip: Bool { headers.contains { $0.0 == "Content-Encoding" && $0.1 == "gzip" } }
}

extension HTTP2Client {
    /// The streams whose HEADERS are in what a client sent.
    fileprivate static func streams(in bytes: [UInt8]) -> [Int] {
        var streams: [Int] = []
        // After the preface.
        var position = 24
        while position + 9 <= bytes.count {
            let head = bytes[position..<position + 9].map(Int.init)
            if head[3] == 1 { streams.append((head[5] & 0x7F) << 24 | head[6] << 16 | head[7] << 8 | head[8]) }
            position += 9 + (head[0] << 16 | head[1] << 8 | head[2])
        }
        return streams
    }
}
