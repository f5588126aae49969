import ArgumentParser
import ConfigFile
import Foundation
import Testing

@testable import App

extension ProcessTests {
    /// `odometer send-test` with a running collector.
    @Suite struct SendTestTests {
        private static func configuration(_ program: OdometerProgram) -> String {
            TestConfiguration.collector(otlpPort: program.otlpPort, metricsPort: program.metricsPort)
        }

        private static func run(_ program: OdometerProgram, _ arguments: String...) throws -> ProgramRun.Result {
            try ProgramRun(
                ["send-test", "--config=env:CONFIG"] + arguments, environment: ["CONFIG": configuration(program)]
            ).end()
        }

        @Test("a sample is sent, and its series on the page is printed; every run adds one")
        func sampleIsShown() throws {
            let program = try OdometerProgram()
            for run in 1...2 {
                let result = try Self.run(program)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.errors == "")
                let text = "http://127.0.0.1"
                #expect(
                    result.output.hasPrefix(
                        "sent to    \(text):\(program.otlpPort)/v1/metrics as service odometer-send-test\n"))
                #expect(result.output.contains("shown on   \(text):\(program.metricsPort)/metrics\n"))
                #expect(result.output.contains("           # TYPE send_test_runs_total counter\n"))
                #expect(
                    result.output.contains("           send_test_duration_seconds_count{job=\"odometer-send-test\""))
                #expect(result.output.hasSuffix("remove it  odometer forget --yes 'job=\"odometer-send-test\"'\n"))
                let labels = ["job": "odometer-send-test", "otel_scope_name": "odometer-send-test"]
                let page = try program.scrape()
                #expect(page.total(of: "send_test_runs_total") == Double(run), "\(labels)")
            }
        }

        @Test("with --logs a record is sent, too, and a missing pipeline is reported")
        func logsAreSent() throws {
            let program = try OdometerProgram()
            let result = try Self.run(program, "--logs")
            #expect(result.status == 1)
            #expect(result.output.contains("/v1/metrics as service"))
            #expect(
                result.errors.contains(
                    "/v1/logs answered 404 (no pipeline accepts this signal"), "\(result.errors)")
            let taking = try OdometerProgram { otlp, metrics in
                TestConfiguration.collector(otlpPort: otlp, metricsPort: metrics).replacing(
                    "exporters:\n", with: "exporters:\n  nop:\n", maxReplacements: 1
                ).replacing("  pipelines:\n", with: "  pipelines:\n    logs: {receivers: [otlp], exporters: [nop]}\n")
            }
            let taken = try Self.run(taking, "--logs")
            #expect(taken.status == 0, "\(taken.errors)")
            #expect(taken.output.contains("/v1/logs as service"))
        }

        @Test("without a listener the program reports it and exits with 1")
        func nobodyListens() throws {
            let port = try freePort()
            let run = try ProgramRun(
                ["send-test", "--endpoint=127.0.0.1:\(port)", "--page=http://127.0.0.1:\(port)/metrics"]
            ).end()
            #expect(run.status == 1)
            #expect(run.output == "")
            #expect(
                run.errors == "Error: http://127.0.0.1:\(port)/metrics does not answer (Connection refused); "
                    + "is the collector running with this configuration?\n")
        }

        @Test("a sample dropped by a filter, or on another page, is reported as missing")
        func missingSamplesAreTold() throws {
            let program = try OdometerProgram { otlp, metrics in
                TestConfiguration.collector(
                    otlpPort: otlp, metricsPort: metrics,
                    rest: "processors: {filter: {metrics: {metric: ['HasPrefix(name, \"send_test\")']}}}\n"
                ).replacing(
                    "      exporters: [prometheus]", with: "      processors: [filter]\n      exporters: [prometheus]")
            }
            let result = try Self.run(program, "--timeout=1")
            #expect(result.status == 1)
            #expect(result.errors.contains("but is not on"), "\(result.errors)")
        }

        @Test(
            "a status other than 200 is reported with advice",
            arguments: [(401, "--header"), (503, "refuses exports")])
        func refusals(status: Int, advice: String) async throws {
            let server = try RefusingServer(status: status)
            let run = try await blocking {
                try ProgramRun([
                    "send-test", "--endpoint=127.0.0.1:\(server.port)", "--page=127.0.0.1:\(server.port)/metrics",
                    "--header=Authorization: Bearer x",
                ]).end()
            }
            server.stop()
            #expect(run.status == 1)
            #expect(run.errors.contains("answered \(status)"), "\(run.errors)")
            #expect(run.errors.contains(advice), "\(run.errors)")
            #expect(server.requests.contains { $0.contains("Authorization: Bearer x\r\n") })
        }

        private static func path(_ name: String) -> String {
            Fixtures.folder.appending(path: "TLS").appending(path: name).path
        }

        /// A collector whose receiver and page require TLS.
        private static func protected(_ otlpPort: Int, _ metricsPort: Int, tls: String, auth: String) -> String {
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:\(otlpPort)", tls: {\(tls)}, \(auth)}}}}
            exporters: {prometheus: {endpoint: "127.0.0.1:\(metricsPort)", tls: {\(tls)}, \(auth)}}
            extensions:
              bearertokenauth: {token: some-token}
              basicauth: {htpasswd: {inline: "ada:pass:word"}}
            service:
              extensions: [bearertokenauth, basicauth]
              telemetry: {metrics: {level: none}}
              pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
            """
        }

        @Test("the sample is sent over TLS with authentication, only to the right server")
        func protectedCollector() throws {
            let server = "cert_file: \(Self.path("server.crt")), key_file: \(Self.path("server.key"))"
            let clients = "client_ca_file: \(Self.path("authority.crt"))"
            let client = ["--cert-file=\(Self.path("client.crt"))", "--key-file=\(Self.path("client.key"))"]
            let password = "--header=Authorization: Basic YWRhOnBhc3M6d29yZA=="
            let cases: [(tls: String, auth: String, arguments: [String], error: String?)] = [
                (server, "", [], nil),
                (server, "", ["--ca-file=\(Self.path("authority.crt"))"], nil),
                (server, "", ["--ca-file=\(Self.path("stranger.crt"))"], "CERTIFICATE_VERIFY_FAILED"),
                (server, "", ["--insecure-skip-verify"], nil),
                (server, "auth: {authenticator: bearertokenauth}", [], nil),
                (server, "auth: {authenticator: basicauth}", [], "answered 401"),
                (server, "auth: {authenticator: basicauth}", [password], nil),
                ("\(server), \(clients)", "", [], "add --cert-file and --key-file"),
                ("\(server), \(clients)", "", client, nil),
            ]
            for (tls, auth, arguments, error) in cases {
                let program = try OdometerProgram { Self.protected($0, $1, tls: tls, auth: auth) }
                let text = Self.protected(program.otlpPort, program.metricsPort, tls: tls, auth: auth)
                let run = try ProgramRun(
                    ["send-test", "--config=env:CONFIG"] + arguments, environment: ["CONFIG": text]
                ).end()
                if let error {
                    #expect(run.status == 1)
                    #expect(run.errors.contains(error), "\(run.errors)")
                } else {
                    #expect(run.status == 0, "\(arguments) \(run.errors)")
                    #expect(run.output.contains("https://127.0.0.1:\(program.metricsPort)/metrics"))
                }
                // A server with another certificate than that of the configuration is refused.
                guard arguments.isEmpty, auth.contains("bearer") else { continue }
                let renamed = text.replacing("server.crt", with: "renewed.crt").replacing(
                    "server.key", with: "renewed.key")
                let other = try ProgramRun(["send-test", "--config=env:CONFIG"], environment: ["CONFIG": renamed]).end()
                #expect(other.errors.contains("TLS failed"), "\(other.errors)")
            }
        }

        @Test("healthcheck accepts any certificate, or those of an authority, and presents a certificate")
        func protectedHealthcheck() throws {
            let tls =
                "cert_file: \(Self.path("server.crt")), key_file: \(Self.path("server.key")), "
                + "client_ca_file: \(Self.path("authority.crt"))"
            let program = try OdometerProgram { Self.protected($0, $1, tls: tls, auth: "") }
            let text = Self.protected(program.otlpPort, program.metricsPort, tls: tls, auth: "")
            func run(_ arguments: String...) throws -> Int32 {
                try ProgramRun(["healthcheck", "--config=env:CONFIG"] + arguments, environment: ["CONFIG": text]).end()
                    .status
            }
            let client = ["--cert-file=\(Self.path("client.crt"))", "--key-file=\(Self.path("client.key"))"]
            #expect(try run() == 0)
            #expect(try run(client[0], client[1]) == 0)
            #expect(try run(client[0], client[1], "--ca-file=\(Self.path("authority.crt"))") == 0)
            #expect(try run(client[0], client[1], "--ca-file=\(Self.path("stranger.crt"))") == 1)
            let intruder = ["--cert-file=\(Self.path("intruder.crt"))", "--key-file=\(Self.path("intruder.key"))"]
            #expect(try run(intruder[0], intruder[1]) == 1)
        }

        @Test(
            "invalid addresses are refused",
            arguments: [
                "--endpoint=ftp://127.0.0.1:4318", "--endpoint=127.0.0.1", "--endpoint=http://u@h:1", "--page=:1",
                "--header=x", "--timeout=0", "--cert-file=x", "--endpoint=127.0.0.1:70000",
            ])
        func wrongArguments(argument: String) throws {
            let run = try ProgramRun(["send-test", argument]).end()
            #expect(run.status == 1)
            #expect(run.errors.hasPrefix("Error: "))
        }
    }
}

@Suite struct SendTestTargetsTests {
    @Test(
        "addresses are parsed with and without scheme and path",
        arguments: [
            ("http://h:1", "http://h:1/v1/metrics"), ("h:1/", "http://h:1/v1/metrics"),
            ("http://[::1]:4318/in", "http://[::1]:4318/in"), ("127.0.0.1:65535/a/b", "http://127.0.0.1:65535/a/b"),
            ("https://h:1", "https://h:1/v1/metrics"), ("ftp://h:1", nil), ("h", nil), ("::1:4318", nil), (":1", nil),
            ("h:0", nil), ("h:1 x", nil),
            ("u@h:1", nil),
        ])
    func addresses(text: String, expected: String?) {
        #expect(WebAddress(parsing: text, defaultPath: "/v1/metrics")?.description == expected)
    }

    @Test("the sample is sent to the first receiver with a page, and its pages are read")
    func targetsOfAConfiguration() throws {
        let config = try ConfigLoader.load(
            files: [Fixtures.package.appending(path: "Tests/Fixtures/Config/good/named_instances.yaml").path]
        ) { _ in nil }
        let targets = try SendTestTargets(config, endpoint: nil, page: nil)
        #expect(targets.metrics.description == "http://[::1]:4318/in/metrics")
        #expect(targets.logs.description == "http://[::1]:4318/v1/logs")
        #expect(
            targets.pages.map(\.description) == ["http://localhost:8889/metrics", "http://localhost:8890/metrics"])
        let given = try SendTestTargets(config, endpoint: "h:1/x/v1/metrics", page: "p:2")
        #expect(given.logs.description == "http://h:1/x/v1/logs")
        #expect(given.pages.map(\.description) == ["http://p:2/metrics"])
    }

    @Test("a collector with gRPC only is reported")
    func gRPCOnly() throws {
        let config = try ConfigLoader.load(
            files: [Fixtures.package.appending(path: "Tests/Fixtures/Config/good/only_grpc.yaml").path]
        ) { _ in nil }
        let failure = #expect(throws: SendTestFailure.self) {
            try SendTestTargets(config, endpoint: nil, page: nil)
        }
        #expect(failure?.description.contains("over gRPC only") == true)
    }

    @Test("listeners with TLS are queried over TLS, with the certificate in the configuration")
    func protectedListeners() throws {
        func path(_ name: String) -> String { Fixtures.folder.appending(path: "TLS").appending(path: name).path }
        let position = SourcePosition(file: "c.yaml", line: 1, column: 1)
        var tls = TLSConfig(position: position, path: "tls")
        tls.certificate = .init(.file(path("server.crt")), position: position, path: "tls.cert_file")
        var config = AppConfig.embeddedDefault
        config.otlpHTTP[0].tls = tls
        config.prometheus[0].tls = tls
        var targets = try SendTestTargets(config, endpoint: nil, page: nil)
        #expect(targets.metrics.description == "https://127.0.0.1:4318/v1/metrics")
        #expect(targets.logs.description == "https://127.0.0.1:4318/v1/logs")
        #expect(targets.pages.map(\.description) == ["https://127.0.0.1:8889/metrics"])
        let arguments = try ClientArguments.parse([])
        #expect(try targets.metrics.encryption(arguments) != nil)
        targets.metrics.tls?.trusted = tls.certificate
        let failure = #expect(throws: WebTargetFault.self) { try targets.metrics.encryption(arguments) }
        #expect(failure?.description.contains("--cert-file and --key-file") == true)
        let client = try ClientArguments.parse([
            "--cert-file=\(path("client.crt"))", "--key-file=\(path("client.key"))",
        ])
        #expect(try targets.metrics.encryption(client) != nil)
        targets.metrics.tls?.certificate?.content = .file("/nowhere.crt")
        #expect(throws: WebTargetFault.self) { try targets.metrics.encryption(client) }
        #expect(
            try SendTestTargets(config, endpoint: nil, page: "localhost:8889").pages[0].encryption(arguments) == nil)
    }

    @Test(
        "arguments that contradict each other are refused",
        arguments: [["--cert-file=a"], ["--key-file=a"], ["--ca-file=a", "--insecure-skip-verify"]])
    func contradictions(arguments: [String]) {
        #expect(throws: (any Error).self) { try ClientArguments.parse(arguments) }
    }

    @Test(
        "the counter is found under any name on the page",
        arguments: [
            ("send_test_runs_total{job=\"j\"} 3", 3), ("ns_send_test_runs{a=\"}\"} 3 1700000000000", 3),
            ("{\"send_test.runs_total\",job=\"j\"} 4.0", 4), ("send_test_runs_total 2", 2),
            ("# TYPE send_test_runs_total counter", 0), ("send_test_duration_seconds_count{} 9", 0), ("", 0),
        ])
    func pages(line: String, expected: Double) {
        #expect(SamplePage(line).runs == expected)
    }
}

/// Answers GET with an empty page, and anything else with one status.
private final class RefusingServer: Sendable {
    let port: Int
    private let descriptor: Int32
    private let received = Requests()

    // All access goes through the lock.
    private final class Requests: @unchecked Sendable {
        private let lock = NSLock()
        private var texts: [String] = []

        func append(_ text: String) { lock.withLock { texts.append(text) } }
        var all: [String] { lock.withLock { texts } }
    }

    var requests: [String] { received.all }

    init(status: Int) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, size)
                _ = getsockname(descriptor, $0, &size)
            }
        }
        listen(descriptor, 8)
        self.descriptor = descriptor
        port = Int(in_port_t(bigEndian: address.sin_port))
        let received = received
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                var text = ""
                // Closing before everything is read would reset the connection.
                while !text.contains("\r\n\r\n") || text.hasPrefix("POST") && !text.hasSuffix("]}]}]}") {
                    var bytes = [UInt8](repeating: 0, count: 65536)
                    let count = read(client, &bytes, bytes.count)
                    guard count > 0 else { break }
                    text += String(decoding: bytes.prefix(count), as: UTF8.self)
                }
                received.append(text)
                let line = text.hasPrefix("GET") ? "200 OK" : "\(status) Refused"
                let answer = Array("HTTP/1.1 \(line)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
                _ = write(client, answer, answer.count)
                close(client)
            }
        }
    }

    /// Ends the accepting thread.
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
