import Foundation
import Testing

extension ProcessTests {
    /// With any input the program keeps running, answers 200 or 4xx, and counts exactly the accepted exports.
    @Suite struct HostileInputTests {
        /// What the reference needs to know about the requests.
        private struct Records {
            private(set) var bytes: [UInt8] = []

            mutating func append(_ body: HostileBodies.Body, status: Int, rejected: Int, sentAt: UInt64) {
                bytes.append(body.encoding.rawValue)
                append(UInt16(clamping: status))
                append(UInt32(clamping: rejected))
                append(sentAt)
                append(UInt32(clamping: body.bytes.count))
                bytes += body.bytes
            }

            private mutating func append(_ number: some FixedWidthInteger) {
                withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
            }
        }

        private static let bodyCount = 100_000
        private static let batchSize = 100
        private static let seed: UInt64 = 20_261_121
        /// A generous limit.
        private static let timeLimit: Duration = .seconds(600)

        @Test(
            "R-PB-04 R-JSON-16 R-HTTP-14 R-HTTP-17 R-LIFE-03 100,000 hostile bodies: 200 or 4xx, and exact totals in the end"
        )
        func hostileBodies() async throws {
            let outcome = try await blocking {
                let odometer = try OdometerProgram {
                    TestConfiguration.collector(
                        otlpPort: $0, metricsPort: $1, exporter: "    metric_expiration: 0\n")
                }
                let records = try Self.sendBodies(to: odometer)
                let folder = try TemporaryFolder()
                let page = try odometer.scrapeReply()
                #expect(page.status == 200)
                #expect(odometer.program.poll() == nil, "\(odometer.program.standardError)")
                let files = ["records", "page"].map { folder.url.appending(path: $0) }
                try Data(records.bytes).write(to: files[0])
                try Data(page.body).write(to: files[1])
                if let keep = ProcessInfo.processInfo.environment["ODOMETER_KEEP_HOSTILE"] {
                    for file in files {
                        try? FileManager.default.copyItem(
                            atPath: file.path, toPath: keep + "/" + file.lastPathComponent)
                    }
                }
                #expect(odometer.program.stop() == .exited(0))
                return try PythonScript.run("check_hostile.py", files.map(\.path), within: Self.timeLimit)
            }
            #expect(outcome.ending == .exited(0), "\(outcome.output)\(outcome.errors)")
            // A fair share is accepted, and a fair share refused; otherwise the test would show little.
            let accepted = outcome.output.firstMatch(of: /'accepted': (\d+)/).flatMap { Int($0.1) } ?? 0
            #expect((Self.bodyCount / 2)...(Self.bodyCount * 9 / 10) ~= accepted, "\(outcome.output)")
        }

        private static func sendBodies(to odometer: OdometerProgram) throws -> Records {
            let recorded = try ["session-pb-delta", "json-delta", "pb-cumulative"].flatMap { name in
                try CaptureFixture(name).metricsExports.map {
                    HostileBodies.Body(encoding: name.hasPrefix("json") ? .json : .protobuf, bytes: $0.body)
                }
            }
            var bodies = HostileBodies(seed: seed, recorded: recorded)
            var records = Records()
            // The next batch is made while the last one is worked on; it goes out when that is answered, so that the
            // order of the requests is known although they come from several connections.
            let clients = try (0..<4).map { _ in try odometer.connect() }
            let deadline = ContinuousClock.now + timeLimit
            var sent: [(body: HostileBodies.Body, time: UInt64)] = []
            var batch = (0..<batchSize).map { _ in bodies.next() }
            for number in 0..<(bodyCount / batchSize) {
                let client = clients[number % clients.count]
                let now = UInt64(Date().timeIntervalSince1970 * 1e9)
                sent = batch.map { ($0, now) }
                try client.send(batch.flatMap(request))
                batch = (0..<batchSize).map { _ in bodies.next() }
                for (body, time) in sent {
                    let reply = try client.reply()
                    #expect([200, 400, 413].contains(reply.status), "\(reply.status) to \(body.bytes)")
                    let partial = reply.status == 200 ? try OTLPAnswer.partialSuccess(of: reply) : nil
                    records.append(body, status: reply.status, rejected: partial?.rejected ?? 0, sentAt: time)
                }
                try #require(ContinuousClock.now < deadline, "\(number * batchSize) bodies so far")
            }
            return records
        }

        private static func request(_ body: HostileBodies.Body) -> [UInt8] {
            let type = body.encoding == .json ? "application/json" : "application/x-protobuf"
            return HTTPClient.request("POST", "/v1/metrics", headers: [("Content-Type", type)], body: body.bytes)
        }

        @Test(
            "R-PB-04 R-JSON-18 R-HTTP-14 every truncation of a recorded export gets 200 or 400",
            arguments: ["session-pb-delta", "pb-gzip", "json-delta"])
        func truncations(name: String) async throws {
            let exports = try CaptureFixture(name).metricsExports
            try await blocking {
                let odometer = try OdometerProgram()
                let client = try odometer.connect()
                var statuses: [Int: Int] = [:]
                for export in exports {
                    for first in stride(from: 0, to: export.body.count, by: 100) {
                        let lengths = first..<min(first + 100, export.body.count)
                        try client.send(
                            lengths.flatMap {
                                HTTPClient.request(
                                    "POST", export.path, headers: export.headers, body: Array(export.body.prefix($0)))
                            })
                        for _ in lengths { statuses[try client.reply().status, default: 0] += 1 }
                    }
                }
                #expect(Set(statuses.keys).isSubset(of: [200, 400]), "\(statuses)")
                #expect(statuses.values.reduce(0, +) == exports.map(\.body.count).reduce(0, +))
                // Only a whole export still counts, unless a part of it is a valid export.
                for export in exports { #expect(try client.exchange(export).status == 200) }
                #expect(try !odometer.scrape().samples.isEmpty)
                #expect(odometer.program.stop() == .exited(0))
            }
        }

        @Test("R-HTTP-12 R-HTTP-13 a gigabyte of zeros in a megabyte of gzip is refused at the limit, not after it")
        func gzipBomb() async throws {
            try await blocking {
                let body = bomb(inflatingTo: 1 << 30)
                #expect(body.count < 2 << 20)
                let odometer = try OdometerProgram()
                _ = try odometer.post(TestExport.sum("c", 1))
                let before = try #require(odometer.program.peakResidentBytes)
                for type in ["application/x-protobuf", "application/json"] {
                    let reply = try odometer.connect().exchange(
                        "POST", "/v1/metrics", headers: [("Content-Type", type), ("Content-Encoding", "gzip")],
                        body: body)
                    #expect(reply.status == 413)
                    #expect(OTLPAnswer.status(of: reply)?.message.isEmpty == false)
                }
                let after = try #require(odometer.program.peakResidentBytes)
                #expect(after - before < 64 << 20, "grew by \((after - before) >> 20) MiB")
                #expect(try odometer.scrape()["c_total", [:]] == 1)
                #expect(odometer.program.stop() == .exited(0))
            }
        }
    }
}
