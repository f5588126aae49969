import Foundation
import Testing

@testable import App

extension ProcessTests {
    /// `odometer forget` while the collector stops, or when either of them has ended.
    @Suite struct ForgetAtTheEndTests {
        private static let matcher = #"user_email="ada@example.org""#

        /// A collector with a total of a person.
        private static func collector() throws -> StatefulProgram {
            let stateful = try StatefulProgram(state: "    checkpoint_interval: 1h\n")
            try stateful.start()
            let reply = try stateful.post(TestExport.sum("c", 7, attributes: ["user.email": "ada@example.org"]))
            #expect(reply.status == 200)
            return stateful
        }

        private static func value(_ stateful: StatefulProgram) throws -> Double? {
            try stateful.samples().samples.first { $0.name == "c_total" }?.value
        }

        private static func forget(_ stateful: StatefulProgram) throws -> RunningProgram {
            try RunningProgram(
                OdometerProgram.path, ["forget", "--yes"] + stateful.arguments + [matcher],
                environment: OdometerProgram.environment, directory: stateful.folder.url.path)
        }

        /// A command that waits for a collector that is stopped meanwhile.
        private static func waitingCommand(_ stateful: StatefulProgram) throws -> RunningProgram {
            try stateful.program.send(signal: SIGSTOP)
            let command = try forget(stateful)
            let path = requestPath(stateful)
            #expect(wait(within: .seconds(30)) { FileManager.default.fileExists(atPath: path) })
            return command
        }

        private static func requestPath(_ stateful: StatefulProgram) -> String {
            ForgetRequest.requestPath(in: stateful.stateDirectory)
        }

        @Test("signals do not kill a stopping collector", arguments: [SIGUSR1, SIGUSR2, SIGHUP, SIGALRM])
        func signalWhileStopping(signal: Int32) async throws {
            try await blocking {
                let stateful = try Self.collector()
                // An incomplete request delays the end of the collector.
                let client = try RawClient(port: stateful.otlpPort)
                try client.send("POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
                let program = try stateful.program
                program.send(signal: SIGTERM)
                let deadline = ContinuousClock.now + .seconds(30)
                while program.poll() == nil, ContinuousClock.now < deadline {
                    program.send(signal: signal)
                    usleep(1_000)
                }
                #expect(program.poll() == .exited(0), "\(program.standardError)")
                #expect(program.standardError.contains("stopped"))
            }
        }

        @Test("other signals have no effect", arguments: [SIGUSR1, SIGUSR2, SIGHUP, SIGALRM, SIGPROF])
        func strayedSignal(signal: Int32) async throws {
            try await blocking {
                let stateful = try Self.collector()
                for _ in 0..<20 { try stateful.program.send(signal: signal) }
                #expect(try Self.value(stateful) == 7)
                try stateful.end(SIGTERM)
                #expect(stateful.log.contains("SIGHUP has no effect") == (signal == SIGHUP))
            }
        }

        @Test("a second signal aborts incomplete requests, and the state is written", arguments: [SIGTERM, SIGINT])
        func secondSignal(signal: Int32) async throws {
            try await blocking {
                let stateful = try Self.collector()
                let client = try RawClient(port: stateful.otlpPort)
                try client.send(
                    "POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n"
                        + "Expect: 100-continue\r\n\r\n")
                #expect(try String(decoding: client.readSome(), as: UTF8.self).contains(" 100 "))
                let program = try stateful.program
                program.send(signal: SIGTERM)
                #expect(wait(within: .seconds(30)) { program.standardError.contains("stopping") })
                program.send(signal: signal)
                #expect(program.waitForEnd() == .exited(0), "\(program.standardError)")
                #expect(program.standardError.contains("stopping at once: open requests are aborted"))
                try stateful.start()
                #expect(try Self.value(stateful) == 7)
                try stateful.end(SIGTERM)
            }
        }

        @Test("parallel commands run one after the other, and each gets its own result")
        func commandsAtOnce() async throws {
            try await blocking {
                let stateful = try Self.collector()
                for number in 0..<4 {
                    let reply = try stateful.post(TestExport.sum("c", 1, attributes: ["user.email": "user\(number)"]))
                    #expect(reply.status == 200)
                }
                let commands = try (0..<6).map { number in
                    try RunningProgram(
                        OdometerProgram.path,
                        ["forget"] + (number % 2 == 0 ? ["--yes"] : []) + stateful.arguments
                            + ["user_email=\"user\(number)\""],
                        environment: OdometerProgram.environment, directory: stateful.folder.url.path)
                }
                for (number, command) in commands.enumerated() {
                    #expect(command.waitForEnd(within: .seconds(60)) == .exited(0), "\(command.standardError)")
                    #expect(
                        command.standardOutput.contains("user\(number)") == (number < 4), "\(command.standardOutput)")
                    #expect(command.standardOutput.contains(number % 2 == 0 ? "removed." : "would be removed"))
                }
                let left = try stateful.samples().samples.filter { $0.name == "c_total" }
                #expect(Set(left.map { $0.labels["user_email"] }) == ["ada@example.org", "user1", "user3"])
                try stateful.end(SIGTERM)
            }
        }

        @Test("an interrupted command removes nothing later", arguments: [SIGINT, SIGKILL])
        func interruptedCommand(signal: Int32) async throws {
            try await blocking {
                let stateful = try Self.collector()
                // The collector does not look until the command has ended.
                let command = try Self.waitingCommand(stateful)
                command.send(signal: signal)
                #expect(command.waitForEnd() == .signaled(signal))
                try stateful.program.send(signal: SIGCONT)
                try stateful.program.send(signal: SIGUSR1)
                #expect(wait(within: .seconds(30)) { stateful.log.contains("a request of odometer forget is ignored") })
                #expect(!FileManager.default.fileExists(atPath: Self.requestPath(stateful)))
                #expect(try Self.value(stateful) == 7)
                try stateful.restart(SIGTERM)
                #expect(try Self.value(stateful) == 7)
                let again = try Self.forget(stateful)
                #expect(again.waitForEnd() == .exited(0), "\(again.standardError)")
                #expect(try Self.value(stateful) == nil)
                try stateful.end(SIGTERM)
            }
        }

        @Test("a request whose command has ended is not carried out by the next start")
        func leftRequest() async throws {
            try await blocking {
                let stateful = try Self.collector()
                try stateful.end(SIGTERM)
                let request = ForgetRequest(
                    id: "1", expiry: UInt64.max / 2, isConfirmed: true, subject: .series(matchers: [Self.matcher]))
                let old = Array("yes\0series\0\(Self.matcher)\0".utf8)
                for bytes in [request.bytes, old, [], [0, 0, 0, 0]] {
                    try Data(bytes).write(to: URL(filePath: Self.requestPath(stateful)))
                    try stateful.start()
                    try stateful.program.send(signal: SIGUSR1)
                    let isGone = wait(within: .seconds(30)) {
                        !FileManager.default.fileExists(atPath: Self.requestPath(stateful))
                    }
                    #expect(isGone)
                    #expect(try Self.value(stateful) == 7)
                    try stateful.end(SIGTERM)
                }
            }
        }

        @Test("an expired request is not carried out although its command waits")
        func expiredRequest() async throws {
            try await blocking {
                let stateful = try Self.collector()
                let request = ForgetRequest(
                    id: "1", expiry: 1_000, isConfirmed: true, subject: .series(matchers: [Self.matcher]))
                let waiting = try #require(ExchangedFile.write(request.bytes, to: Self.requestPath(stateful)))
                try stateful.program.send(signal: SIGUSR1)
                #expect(wait(within: .seconds(30)) { stateful.log.contains("a request of odometer forget is ignored") })
                #expect(try Self.value(stateful) == 7)
                withExtendedLifetime(waiting) {}
                try stateful.end(SIGTERM)
            }
        }

        @Test("the command notices the end of the collector at once, and removes the series itself")
        func collectorIsGone() async throws {
            try await blocking {
                let stateful = try Self.collector()
                let command = try Self.waitingCommand(stateful)
                try stateful.end(SIGKILL)
                #expect(command.waitForEnd(within: .seconds(60)) == .exited(0), "\(command.standardError)")
                #expect(command.standardOutput.hasSuffix("1 series are removed.\n"), "\(command.standardOutput)")
                try stateful.start()
                #expect(try Self.value(stateful) == nil)
                try stateful.end(SIGTERM)
                let left = try FileManager.default.contentsOfDirectory(atPath: stateful.stateDirectory)
                #expect(!left.contains { $0.hasPrefix("forget.") }, "\(left)")
            }
        }

        @Test("a stopping collector answers, or the command removes the series; both are reported")
        func collectorStops() async throws {
            try await blocking {
                let stateful = try Self.collector()
                let command = try Self.waitingCommand(stateful)
                try stateful.program.send(signal: SIGTERM)
                try stateful.program.send(signal: SIGCONT)
                #expect(try stateful.program.waitForEnd() == .exited(0))
                let ending = command.waitForEnd(within: .seconds(60))
                try stateful.start()
                let isThere = try Self.value(stateful) == 7
                #expect(ending == .exited(isThere ? 1 : 0), "\(command.standardError)")
                if isThere { #expect(command.standardError.contains("stopping"), "\(command.standardError)") }
                try stateful.end(SIGTERM)
            }
        }
    }
}
