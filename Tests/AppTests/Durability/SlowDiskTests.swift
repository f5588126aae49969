import CFaultVFS
import Foundation
import Synchronization
import Testing

extension ProcessTests {
    /// A slow disk. Within the process of the tests, which controls it.
    @Suite struct SlowDiskTests {
        private static let senders = 40
        private static let pointsPerExport = 1500

        /// The results of the exports, by sender.
        private final class Replies: Sendable {
            private let replies = Mutex<[Int: HTTPReply]>([:])

            func note(_ reply: HTTPReply, of sender: Int) { replies.withLock { $0[sender] = reply } }

            var all: [Int: HTTPReply] { replies.withLock { $0 } }
        }

        /// Different for every sender, so that the journal cannot compress it much.
        private static func export(_ sender: Int) -> [UInt8] {
            Array(TestExport.manySeries("c", sender * pointsPerExport..<(sender + 1) * pointsPerExport).utf8)
        }

        @Test("exports waiting for the disk are bounded: beyond max_backlog 503, and later all continues")
        func backlogIsBounded() async throws {
            #expect(fault_vfs_make_default() == 0)
            let folder = try TemporaryFolder()
            let rest = "odometer:\n  state:\n    path: \(folder.url.path)/state\n    max_backlog: 1MiB\n"
            try await AppInProcess.run(TestConfiguration.collector(rest: rest)) { collector in
                fault_vfs_hold(folder.url.path + "/state/journal-")
                defer { fault_vfs_hold(nil) }
                let replies = Replies()
                let port = collector.otlpPort
                for sender in 0..<Self.senders {
                    Thread.detachNewThread {
                        let reply = try? HTTPClient.exchange(
                            port: port, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                            body: Self.export(sender))
                        if let reply { replies.note(reply, of: sender) }
                    }
                }
                // About a quarter of a megabyte each: a few wait for the disk, all others get 503.
                let isRefused: @Sendable () -> Bool = { replies.all.count >= Self.senders - 10 }
                #expect(try await blocking { wait(within: .seconds(60), until: isRefused) })
                for reply in replies.all.values {
                    #expect(reply.status == 503)
                    #expect(reply.header("Retry-After") == "5")
                }
                #expect(replies.all.count < Self.senders, "nothing waits for the disk")
                fault_vfs_hold(nil)
                #expect(try await blocking { wait(within: .seconds(60)) { replies.all.count == Self.senders } })
                let taken = replies.all.filter { $0.value.status == 200 }
                #expect(taken.count + replies.all.values.count { $0.status == 503 } == Self.senders)
                #expect(
                    try collector.scrape().samples.count { $0.name == "c_total" } == taken.count * Self.pointsPerExport)
                // The refused ones are retried.
                for sender in replies.all.keys where taken[sender] == nil {
                    _ = try collector.post(String(decoding: Self.export(sender), as: UTF8.self))
                }
                let samples = try collector.scrape().samples.filter { $0.name == "c_total" }
                #expect(samples.count == Self.senders * Self.pointsPerExport)
                #expect(samples.allSatisfy { $0.value == 1 })
            }
        }
    }
}
