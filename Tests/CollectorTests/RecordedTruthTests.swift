import Testing

extension ProcessTests {
    /// Of what the Python SDK sent, every metric of every type is exact in every format. The truth is what another
    /// decoder finds in the recorded points.
    @Suite struct RecordedTruthTests {
        static let names = CaptureFixture.names.filter { $0.hasPrefix("python-sdk-") }

        @Test("the recorded runs of the SDK hold every type but summaries, in both temporalities and encodings")
        func captures() {
            #expect(
                Self.names == [
                    "python-sdk-grpc-delta", "python-sdk-http-cumulative-gzip", "python-sdk-http-delta",
                    "python-sdk-json-cumulative",
                ])
        }

        @Test(
            "R-DM-01 R-D2C-13 R-D2C-15 R-TYPE-04 R-TYPE-06 R-ST-01 every metric of a recorded run of the SDK is exact",
            arguments: names, [CaptureTests.Replay.asRecorded, .eachTwice])
        func everyTypeIsExact(name: String, replay: CaptureTests.Replay) async throws {
            let exports = replay.order(try CaptureFixture(name).metricsExports)
            try await blocking {
                let odometer = try OdometerProgram {
                    CheckedExchange.configuration(otlpPort: $0, metricsPort: $1)
                }
                let exchange = try CheckedExchange(otlpPort: odometer.otlpPort, metricsPort: odometer.metricsPort)
                for export in exports {
                    try exchange.send(export)
                    for accept in AcceptHeader.all { try exchange.scrape(accept) }
                }
                try exchange.check("\(name), \(replay.rawValue)")
                #expect(odometer.program.stop() == .exited(0))
            }
        }
    }
}
