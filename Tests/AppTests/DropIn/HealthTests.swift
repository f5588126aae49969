import ConfigFile
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Server
import Testing

@testable import App

@Suite struct HealthTests {
    private static func configuration(_ settings: String) -> String {
        TestConfiguration.collector().replacing(
            "service:\n",
            with: "extensions:\n  health_check:\n    endpoint: 127.0.0.1:0\n\(settings)service:\n"
                + "  extensions: [health_check]\n", maxReplacements: 1)
    }

    private static func get(_ collector: AppInProcess, _ path: String, _ method: String = "GET") throws
        -> HTTPReply
    {
        try HTTPClient.exchange(port: collector.port(of: "health_check"), method, path)
    }

    @Test("a ready collector answers like the OpenTelemetry Collector, on every path")
    func readyCollectorSaysSo() async throws {
        try await AppInProcess.run(Self.configuration("")) { collector in
            for path in ["/", "/health/status", "/?verbose"] {
                let reply = try Self.get(collector, path)
                #expect(reply.status == 200)
                #expect(reply.header("Content-Type") == "application/json")
                let fields = try #require(
                    try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: String])
                #expect(Set(fields.keys) == ["status", "upSince", "uptime"])
                #expect(fields["status"] == "Server available")
                #expect(fields["upSince"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
                #expect(fields["uptime"]?.wholeMatch(of: /\d+\.\d{3}s/) != nil)
            }
            #expect(try Self.get(collector, "/", "HEAD").status == 200)
        }
    }

    @Test("path and bodies are those of the configuration")
    func pathAndBodiesAreConfigured() async throws {
        let settings = "    path: /healthz\n    response_body: {healthy: fine, unhealthy: broken}\n"
        try await AppInProcess.run(Self.configuration(settings)) { collector in
            let healthy = try Self.get(collector, "/healthz")
            #expect(healthy.text == "fine")
            let others = try [Self.get(collector, "/healthz/more"), Self.get(collector, "/")]
            #expect(others.map(\.status) == [404, 404])
        }
    }

    @Test("before it is open and while it drains the answer is 503")
    func othersAreUnavailable() throws {
        let readiness = Readiness()
        let config = HealthCheckConfig(name: "health_check", endpoint: Endpoint(host: "", port: 0))
        let service = HealthService(config, readiness: readiness)
        func answer() throws -> (status: UInt, body: String) {
            let request = HTTPRequest(
                head: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"), body: ByteBuffer())
            guard case .now(let response) = service.answer(request, on: MultiThreadedEventLoopGroup.singleton.next()),
                case .bytes(let bytes) = response.body
            else { return (0, "") }
            return (response.status.code, String(buffer: bytes))
        }
        let unavailable = #"{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}"#
        let starting = try answer()
        readiness.becomeReady()
        let ready = try answer()
        readiness.beginDraining()
        let draining = try answer()
        #expect([starting.status, ready.status, draining.status] == [503, 200, 503])
        #expect([starting.body, draining.body] == [unavailable, unavailable])
    }
}

extension ProcessTests {
    @Suite struct ReadinessTests {
        @Test("R-LIFE-05 during recovery the health check is open and answers 503")
        func recoveryIsNotReady() throws {
            let health = try freePort()
            let program = try StatefulProgram(
                state: "    checkpoint_interval: 1h\n",
                rest: "", extensions: "extensions: {health_check: {endpoint: \"127.0.0.1:\(health)\"}}\n")
            try program.start()
            #expect(try HTTPClient.exchange(port: health, "GET", "/").status == 200)
            // Enough for a long recovery.
            for number in 0..<20 {
                #expect(try program.post(TestExport.manySeries("m\(number)", 0..<1000)).status == 200)
            }
            try program.end(SIGKILL)
            let next = try RunningProgram(
                OdometerProgram.path, program.arguments, environment: OdometerProgram.environment,
                directory: program.folder.url.path)
            var statuses: [Int] = []
            let isReady = wait(within: .seconds(60)) {
                guard let reply = try? HTTPClient.exchange(port: health, "GET", "/") else { return next.poll() != nil }
                if statuses.last != reply.status {
                    // Ready means that all listeners are open.
                    #expect((reply.status == 200) == ((try? HTTPClient(port: program.otlpPort)) != nil))
                    statuses.append(reply.status)
                }
                return reply.status == 200
            }
            #expect(isReady, "\(next.standardError)")
            #expect(statuses == [503, 200])
            #expect(next.stop() == .exited(0))
        }

        @Test("healthcheck queries the health check if one is configured")
        func commandAsksTheHealthCheck() throws {
            let (health, metrics) = (try freePort(), try freePort())
            let configuration = """
                receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
                exporters: {prometheus: {endpoint: "127.0.0.1:\(metrics)"}}
                extensions: {health_check: {endpoint: "0.0.0.0:\(health)", path: /ready}}
                odometer: {state: {path: ""}}
                service:
                  extensions: [health_check]
                  telemetry: {metrics: {level: none}}
                  pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
                """
            let environment = ["CONFIG": configuration]
            let absent = try ProgramRun.finished("healthcheck", "--config=env:CONFIG", environment: environment)
            #expect(absent.status == 1)
            let program = try RunningProgram(OdometerProgram.path, ["--config=env:CONFIG"], environment: environment)
            try program.waitForPorts([metrics])
            let asked = { try ProgramRun.finished("healthcheck", "--config=env:CONFIG", environment: environment) }
            #expect(try wait(within: .seconds(10)) { try asked().status == 0 })
            #expect(try HTTPClient.exchange(port: health, "GET", "/ready").status == 200)
            #expect(program.stop() == .exited(0))
        }
    }
}
