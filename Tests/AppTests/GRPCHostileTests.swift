import Foundation
import Testing

/// Invalid bytes on gRPC connections.
@Suite struct GRPCHostileTests {
    @Test("Recorded connections with changed, missing and truncated bytes do not stop the collector", arguments: 1...8)
    func mutatedConnectionsAreSurvived(seed: Int) async throws {
        let folder = Fixtures.captures.appending(path: "raw-grpc")
        let recorded = try ["01", "02"].map {
            try Fixtures.bytes(folder.appending(path: "raw-grpc-conn\($0).client.bin"))
        }
        try await AppInProcess.run(GRPCTests.configuration()) { collector in
            var random = SeededRandom(seed: UInt64(seed))
            for turn in 0..<60 {
                let bytes = Self.mutated(recorded[turn % 2], using: &random)
                let socket = try RawClient(port: collector.grpcPort)
                // The server may have closed already.
                try? socket.send(bytes)
                socket.closeOutput()
                // A reset is a valid end.
                _ = try? socket.readToEnd()
            }
            let client = try HTTP2Client(port: collector.grpcPort)
            #expect(try client.call([]).status == "0")
            // Some recorded calls are unchanged.
            #expect(
                try collector.scrape()["odometer_grpc_responses_total", ["listener": "otlp grpc", "status": "OK"]]
                    != nil)
        }
    }

    private static func mutated(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        // Most keep the preface, so that the rest is read.
        let first = random.next(10) == 0 ? 0 : 24
        var bytes = bytes
        for _ in 0...random.next(6) {
            let position = first + random.next(bytes.count - first)
            switch random.next(5) {
            case 0: bytes[position] = UInt8(random.next(256))
            case 1: bytes[position] ^= 1 << UInt8(random.next(8))
            case 2: bytes.remove(at: position)
            case 3: bytes.insert(UInt8(random.next(256)), at: position)
            default:
                // A frame of any type, with any flags, on one of the first streams.
                let payload = (0..<random.next(20)).map { _ in UInt8(random.next(256)) }
                let (type, flags) = (UInt8(random.next(11)), UInt8(random.next(256)))
                bytes.insert(
                    contentsOf: [0, 0, UInt8(payload.count), type, flags, 0, 0, 0, UInt8(random.next(10))] + payload,
                    at: first)
            }
        }
        if random.next(4) == 0 { bytes.removeLast(random.next(bytes.count - first)) }
        return bytes
    }
}
