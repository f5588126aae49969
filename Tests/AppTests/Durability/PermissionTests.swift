import Foundation
import Testing

extension ProcessTests {
    /// Files of the state directory without permission.
    @Suite struct PermissionTests {
        /// Runs a program with normal permissions, also if the tests run as root.
        private static let restriction: [String]? = {
            guard geteuid() == 0 else { return [] }
            let words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
            guard let attempt = try? RunningProgram(words[0], Array(words[1...]) + ["true"]) else { return nil }
            return attempt.waitForEnd() == .exited(0) ? words : nil
        }()

        private static func start(_ stateful: StatefulProgram) throws -> RunningProgram {
            let words = (restriction ?? []) + [OdometerProgram.path] + stateful.arguments
            return try RunningProgram(
                words[0], Array(words[1...]), environment: OdometerProgram.environment,
                directory: stateful.folder.url.path)
        }

        @Test(
            "a file without permission ends the start with a line: file, owner and user of the process",
            .enabled(if: restriction != nil),
            arguments: [
                ("state.db", 0o400), ("state.db", 0o000), ("journal.mark", 0o400), ("odometer.lock", 0o400),
                ("journal-", 0o400), ("labels.key", 0o000), ("", 0o500), ("", 0o600),
            ])
        func refused(name: String, mode: Int) async throws {
            try await blocking {
                let stateful = try StatefulProgram(
                    state: "    checkpoint_interval: 1h\n", rest: "  labels: {hash: [a]}\n")
                try stateful.start()
                for turn in 1...5 {
                    let reply = try stateful.post(TestExport.sum("c", 1, start: turn, time: turn + 1))
                    #expect(reply.status == 200)
                }
                try stateful.end(SIGKILL)
                let manager = FileManager.default
                let names = try manager.contentsOfDirectory(atPath: stateful.stateDirectory).sorted()
                let file = name.isEmpty ? "" : try #require(names.first { $0.hasPrefix(name) })
                let path = name.isEmpty ? stateful.stateDirectory : stateful.stateDirectory + "/" + file
                let former = try #require(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
                #expect(chmod(path, mode_t(mode)) == 0)
                let program = try Self.start(stateful)
                let ending = program.waitForEnd()
                #expect(chmod(path, mode_t(former)) == 0)
                #expect(ending == .exited(1), "\(program.standardError)")
                let lines = program.standardError.split(separator: "\n").filter { $0.contains("Permission denied") }
                #expect(lines.count == 1, "\(program.standardError)")
                let octal = String(mode, radix: 8)
                let digits = String(repeating: "0", count: 4 - octal.count) + octal
                for part in [file.isEmpty ? "state" : "state/\(file)", digits, "user \(geteuid())"] {
                    #expect(lines.first?.contains(part) == true, "\(part): \(lines)")
                }
                #expect(!program.standardError.contains("listening"))
                try stateful.start()
                #expect(try stateful.samples()["c_total", [:]] == 5)
                #expect(!stateful.log.contains("lost") && !stateful.log.contains("damaged"), "\(stateful.log)")
                try stateful.end(SIGTERM)
            }
        }
    }
}
