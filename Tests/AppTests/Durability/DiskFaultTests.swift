import Foundation
import Testing

extension ProcessTests {
    /// Disk faults.
    @Suite struct DiskFaultTests {
        /// Counter exports of a given size, each with its own window, and the accepted ones.
        private struct Traffic {
            private(set) var total = 0
            private var sent = 0
            private(set) var refused: String?

            /// Sends the export that was refused last, or a new one.
            mutating func send(to program: StatefulProgram, bytes: Int = 20_000) throws -> HTTPReply {
                if refused == nil { sent += 1 }
                let export =
                    refused
                    ?? TestExport.sum("c", 1, start: sent, time: sent + 1).replacing(
                        #""resourceMetrics":[{"#,
                        with: #""resourceMetrics":[{"schemaUrl":"\#(String(repeating: "x", count: bytes))","#)
                let reply = try program.post(export)
                if reply.status == 200 {
                    total += 1
                    refused = nil
                } else {
                    refused = export
                }
                return reply
            }
        }

        private static let eager = "    checkpoint_interval: 200ms\n    sync_interval: 50ms\n"

        @Test(
            "a full disk: 503 with Retry-After, nothing partly counted, scrapes continue, and exports once there is room",
            .enabled(if: MountedProgram.isPossible))
        func fullDisk() async throws {
            try await blocking {
                let stateful = try StatefulProgram(state: Self.eager)
                let mounted = try MountedProgram(stateful, options: "size=3m")
                try mounted.program.waitForPorts([stateful.metricsPort, stateful.otlpPort])
                var traffic = Traffic()
                for _ in 0..<5 { #expect(try traffic.send(to: stateful).status == 200) }
                let ballast = mounted.state + "/ballast"
                try Self.fill(ballast)
                // A checkpoint may free some room, so the disk is filled repeatedly.
                var reply: HTTPReply?
                _ = try wait(within: .seconds(30)) {
                    reply = try traffic.send(to: stateful)
                    if reply?.status == 200 { try Self.fill(ballast) }
                    return reply?.status == 503
                }
                #expect(reply?.status == 503)
                #expect(reply?.header("Retry-After").flatMap { Int($0) } ?? 0 > 0)
                for _ in 0..<20 {
                    try Self.fill(ballast)
                    let answer = try traffic.send(to: stateful)
                    #expect([200, 503].contains(answer.status))
                    #expect(try stateful.samples()["c_total", [:]] == Double(traffic.total))
                }
                let failures = try stateful.samples()["odometer_state_failures_total", ["operation": "commit"]]
                #expect(failures ?? 0 > 0)
                #expect(mounted.program.poll() == nil)

                try FileManager.default.removeItem(atPath: ballast)
                let isTaken = try wait(within: .seconds(10)) { try traffic.send(to: stateful).status == 200 }
                #expect(isTaken, "takes exports again without a restart")
                for _ in 0..<5 { #expect(try traffic.send(to: stateful).status == 200) }
                #expect(try stateful.samples()["c_total", [:]] == Double(traffic.total))
                let log = mounted.program.standardError
                #expect(log.components(separatedBy: "exports refused").count == 2, "one line: \(log)")
                #expect(log.components(separatedBy: "accepts exports again").count >= 2, "\(log)")

                // The state after a crash now is complete. The file system ends with its process, so it is copied
                // before.
                let copy = try StatefulProgram()
                try FileManager.default.copyItem(atPath: mounted.state, toPath: copy.stateDirectory)
                mounted.program.send(signal: SIGKILL)
                #expect(mounted.program.waitForEnd() == .signaled(SIGKILL))
                try copy.start()
                #expect(try copy.samples()["c_total", [:]] == Double(traffic.total), "\(copy.log)")
                #expect(!copy.log.contains("lost"), "\(copy.log)")
                try copy.end(SIGTERM)
            }
        }

        /// Writes until there is no room left.
        private static func fill(_ path: String) throws {
            let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            try #require(file >= 0)
            defer { close(file) }
            for size in [1 << 16, 4096, 512] {
                let bytes = [UInt8](repeating: 7, count: size)
                while write(file, bytes, size) == size {}
            }
        }

        @Test("a configured state directory that cannot be written stops the start with one line")
        func unusableDirectory() async throws {
            try await blocking {
                let stateful = try StatefulProgram(path: "config.yaml/state")
                let program = try RunningProgram(
                    OdometerProgram.path, stateful.arguments, environment: OdometerProgram.environment,
                    directory: stateful.folder.url.path)
                #expect(program.waitForEnd() == .exited(1))
                let lines = program.standardError.split(separator: "\n").filter { $0.contains("config.yaml/state") }
                #expect(lines.count == 1, "\(program.standardError)")
                #expect(lines.first?.contains("Not a directory") == true, "\(program.standardError)")
                #expect(!program.standardError.contains("listening"))
            }
        }

        @Test(
            "a read-only state directory: a configured one stops the start, for the default there is a warning",
            .enabled(if: MountedProgram.isPossible))
        func readOnlyDirectory() async throws {
            try await blocking {
                let named = try StatefulProgram()
                let refused = try MountedProgram(named, options: "ro").program
                #expect(refused.waitForEnd() == .exited(1))
                let reasons = refused.standardError.split(separator: "\n").filter { $0.contains("Read-only") }
                #expect(reasons.count == 1, "\(refused.standardError)")
                #expect(reasons.first?.contains("state") == true)

                let unnamed = try StatefulProgram(path: nil)
                let running = try MountedProgram(unnamed, directory: "odometer-data", options: "ro").program
                try running.waitForPorts([unnamed.metricsPort, unnamed.otlpPort])
                #expect(try unnamed.post(TestExport.sum("c", 5)).status == 200)
                #expect(try unnamed.samples()["c_total", [:]] == 5)
                let warnings = running.standardError.split(separator: "\n").filter { $0.contains(" warn ") }
                #expect(warnings.count == 1, "\(running.standardError)")
                #expect(warnings.first?.contains("memory only") == true, "\(warnings)")
                #expect(warnings.first?.contains("mount a volume or directory at ") == true, "\(warnings)")
                #expect(warnings.first?.contains("odometer.state.path") == true, "\(warnings)")
                #expect(running.stop() == .exited(0))
            }
        }

        @Test("by default the state is in ./odometer-data and survives a restart")
        func defaultDirectory() async throws {
            try await blocking {
                let stateful = try StatefulProgram(path: nil)
                try stateful.start()
                #expect(try stateful.post(TestExport.sum("c", 5)).status == 200)
                try stateful.restart(SIGKILL)
                #expect(try stateful.samples()["c_total", [:]] == 5)
                try stateful.end(SIGTERM)
                let path = stateful.folder.url.appending(path: "odometer-data/state.db").path
                #expect(FileManager.default.fileExists(atPath: path))
            }
        }

        @Test("an existing state in the default directory that cannot be opened stops the start")
        func stateIsNotForgotten() async throws {
            try await blocking {
                let stateful = try StatefulProgram(path: nil)
                try stateful.start()
                #expect(try stateful.post(TestExport.sum("c", 5)).status == 200)
                try stateful.end(SIGTERM)
                // It cannot be opened as a file.
                let lock = stateful.folder.url.appending(path: "odometer-data/odometer.lock").path
                try FileManager.default.removeItem(atPath: lock)
                try FileManager.default.createDirectory(atPath: lock, withIntermediateDirectories: false)
                #expect(throws: (any Error).self) { try stateful.start() }
                #expect(stateful.log.contains("Is a directory"), "\(stateful.log)")
                #expect(!stateful.log.contains("memory only"), "\(stateful.log)")
                try FileManager.default.removeItem(atPath: lock)
                try stateful.start()
                #expect(try stateful.samples()["c_total", [:]] == 5)
                try stateful.end(SIGTERM)
            }
        }

        @Test("a second process on the same directory is refused with the id of the first, which continues")
        func secondProcess() async throws {
            try await blocking {
                let first = try StatefulProgram()
                try first.start()
                let second = try StatefulProgram(path: first.stateDirectory)
                let program = try RunningProgram(
                    OdometerProgram.path, second.arguments, environment: OdometerProgram.environment,
                    directory: second.folder.url.path)
                #expect(program.waitForEnd() == .exited(1))
                let holder = "in use by process \(try first.program.processID)"
                let lines = program.standardError.split(separator: "\n").filter { $0.contains(holder) }
                #expect(lines.count == 1, "\(program.standardError)")
                #expect(try first.post(TestExport.sum("c", 5)).status == 200)
                #expect(try first.samples()["c_total", [:]] == 5)
                try first.end(SIGTERM)
            }
        }

        @Test("a scrape is answered once its values survive a power failure")
        func scrapesAreDurable() async throws {
            try await blocking {
                // Nothing else syncs within the test.
                let stateful = try StatefulProgram(state: "    checkpoint_interval: 1h\n    sync_interval: 1h\n")
                try stateful.start()
                func syncs() throws -> Double { try stateful.samples()["odometer_journal_syncs_total", [:]] ?? -1 }
                var before = try syncs()
                for turn in 1...3 {
                    #expect(try stateful.post(TestExport.sum("c", 1, start: turn, time: turn + 1)).status == 200)
                    // The own metrics on the page are those before the wait.
                    _ = try syncs()
                    let after = try syncs()
                    #expect(after == before + 1)
                    before = after
                }
                try stateful.end(SIGTERM)
            }
        }
    }
}
