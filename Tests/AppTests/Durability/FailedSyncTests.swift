import CFaultVFS
import CSQLite
import Foundation
import Testing

extension ProcessTests {
    /// A disk that accepts writes but fails to sync them. Within the process of the tests, which controls the fault.
    @Suite struct FailedSyncTests {
        @Test("unsynced values are not shown: 503 until a sync succeeds, then the whole page")
        func scrapeWaitsForTheDisk() async throws {
            #expect(fault_vfs_make_default() == 0)
            let folder = try TemporaryFolder()
            let rest = "odometer:\n  state:\n    path: \(folder.url.path)/state\n    checkpoint_interval: 1s\n"
            try await AppInProcess.run(TestConfiguration.collector(rest: rest)) { collector in
                defer { fault_vfs_arm(0, 0, 0, 0, 0, nil) }
                fault_vfs_arm(
                    Int32(FAULT_SYNC.rawValue), 1, .max, SQLITE_IOERR | 4 << 8, Int32(FAULT_NOTHING_WRITTEN.rawValue),
                    folder.url.path + "/state")
                // A 200 survives kill -9, which needs no sync.
                _ = try collector.post(TestExport.manySeries("c", 0..<3))
                let refused = try HTTPClient.exchange(port: collector.metricsPort, "GET", "/metrics")
                #expect(refused.status == 503)
                #expect(refused.header("Retry-After") == "5")
                #expect(refused.text.contains("disk"))
                fault_vfs_arm(0, 0, 0, 0, 0, nil)
                let isServed: @Sendable () -> Bool = {
                    (try? HTTPClient.exchange(port: collector.metricsPort, "GET", "/metrics"))?.status == 200
                }
                #expect(try await blocking { wait(within: .seconds(30), until: isServed) })
                #expect(try collector.scrape().samples.count { $0.name == "c_total" } == 3)
            }
        }
    }
}
