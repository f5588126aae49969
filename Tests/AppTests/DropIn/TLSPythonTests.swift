import Foundation
import Testing

extension ProcessTests {
    /// The real exporters of Python over TLS, with credentials, against the whole collector.
    @Suite struct TLSPythonTests {
        static let certificates = Fixtures.folder.appending(path: "TLS")

        static func certificate(_ name: String) -> String { certificates.appending(path: name).path }

        /// Makes the exporters trust that server. The second variable overrides that of the machine for the HTTP
        /// library.
        static let trust = ["OTEL_EXPORTER_OTLP_CERTIFICATE", "REQUESTS_CA_BUNDLE"]
            .reduce(into: [:]) { $0[$1] = certificate("authority.crt") }

        /// `cert_file` and `key_file` of the server of the tests.
        static let server = "cert_file: \(certificate("server.crt")), key_file: \(certificate("server.key"))"

        private static func configuration(tls: String, auth: String = "") -> String {
            """
            receivers:
              otlp:
                protocols:
                  grpc: {endpoint: "127.0.0.1:0", tls: {\(tls)}\(auth)}
                  http: {endpoint: "127.0.0.1:0", tls: {\(tls)}\(auth)}
            exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
            extensions:
              bearertokenauth: {token: some-token}
              basicauth:
                htpasswd: {inline: "ada:$$2y$$05$$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"}
            service:
              extensions: [bearertokenauth, basicauth]
              telemetry: {metrics: {level: none}}
              pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
            odometer: {own_metrics_on_exporters: true}
            """
        }

        private static func url(_ transport: String, _ collector: AppInProcess) -> String {
            transport == "grpc"
                ? "grpcs://localhost:\(collector.grpcPort)" : "https://localhost:\(collector.otlpPort)/v1/metrics"
        }

        @Test("R-GRPC-02 the SDK's exporters export over TLS", arguments: ["grpc", "http"])
        func exportersUseTLS(transport: String) async throws {
            try await AppInProcess.run(Self.configuration(tls: Self.server)) { collector in
                _ = try await SDKExport.expectTotals(
                    of: collector, to: Self.url(transport, collector), environment: Self.trust)
            }
        }

        @Test(
            "R-GRPC-08 the SDK's exporters are accepted with certificate and credentials; with wrong ones nothing counts",
            arguments: ["grpc", "http"],
            [
                ("bearertokenauth", "Bearer%20some-token", "Bearer%20other-token"),
                ("basicauth", "Basic%20YWRhOnNlY3JldA%3D%3D", "Basic%20YWRhOndyb25n"),
            ])
        func exportersAuthenticate(transport: String, auth: (String, String, String)) async throws {
            let tls = "\(Self.server), client_ca_file: \(Self.certificate("authority.crt"))"
            let configuration = Self.configuration(tls: tls, auth: ", auth: {authenticator: \(auth.0)}")
            try await AppInProcess.run(configuration) { collector in
                var environment = Self.trust
                environment["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"] = Self.certificate("client.crt")
                environment["OTEL_EXPORTER_OTLP_CLIENT_KEY"] = Self.certificate("client.key")
                environment["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=\(auth.2)"
                let url = Self.url(transport, collector)
                _ = try await SDKExport.run(to: url, compression: "none", environment: environment)
                let page = try collector.scrape()
                #expect(page.total(of: "app_requests_total") == nil)
                let count =
                    transport == "grpc"
                    ? page["odometer_grpc_responses_total", ["listener": "otlp grpc", "status": "UNAUTHENTICATED"]]
                    : page["odometer_http_responses_total", ["listener": "otlp", "status": "401"]]
                #expect(count ?? 0 > 0)
                environment["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=\(auth.1)"
                try await SDKExport.expectTotals(of: collector, to: url, environment: environment)
            }
        }

        /// The response of a page over TLS.
        private struct Page: Decodable {
            var status: Int
            var body: String
            var subject: String
        }

        private static func fetch(_ port: Int, _ path: String, _ arguments: [String] = []) async throws -> Page {
            let outcome = try await blocking {
                try PythonScript.run(
                    "tls_fetch.py", ["\(port)", path, certificate("authority.crt")] + arguments, within: .seconds(60))
            }
            return try JSONDecoder().decode(Page.self, from: Data(outcome.output.utf8))
        }

        @Test("health check, TLS and a token, as in articles, start unchanged and are effective")
        func protectedArticle() async throws {
            let file = Fixtures.folder.appending(path: "Config/good/article_protected.yaml")
            let overlay = """
                receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0", tls: {\(Self.server)}}}}}
                exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
                extensions: {health_check: {endpoint: "127.0.0.1:0"}}
                service: {telemetry: {metrics: {level: none}}}
                """
            let text = try String(contentsOf: file, encoding: .utf8)
            try await AppInProcess.run(text, overlay: overlay) { collector in
                let health = try HTTPClient.exchange(port: collector.port(of: "health_check"), "GET", "/")
                #expect(health.status == 200)
                let refused = try await Self.fetch(collector.otlpPort, "/v1/metrics")
                #expect(refused.status == 401)
                #expect(refused.subject == "server")
                let known = try await Self.fetch(
                    collector.otlpPort, "/v1/metrics", ["--header", "Authorization", "Bearer secret"])
                #expect(known.status == 405)
                try await SDKExport.expectTotals(
                    of: collector, to: Self.url("http", collector),
                    environment: Self.trust.merging(["OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20secret"]) {
                        $1
                    })
            }
        }

        @Test func pageAndHealthCheckAreProtectedToo() async throws {
            let configuration = """
                receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
                exporters:
                  prometheus: {endpoint: "127.0.0.1:0", tls: {\(Self.server)}, auth: {authenticator: bearertokenauth}}
                extensions:
                  health_check: {endpoint: "127.0.0.1:0", tls: {\(Self.server)}}
                  bearertokenauth: {token: some-token}
                service:
                  extensions: [health_check, bearertokenauth]
                  telemetry: {metrics: {level: none}}
                  pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
                """
            try await AppInProcess.run(configuration) { collector in
                _ = try collector.post(TestExport.sum("calls", 1))
                let refused = try await Self.fetch(collector.metricsPort, "/metrics")
                #expect(refused.status == 401)
                #expect(!refused.body.contains("calls"))
                let page = try await Self.fetch(
                    collector.metricsPort, "/metrics", ["--header", "Authorization", "Bearer some-token"])
                #expect(page.status == 200)
                #expect(page.body.contains("calls_total"))
                #expect(try await Self.fetch(collector.port(of: "health_check"), "/").status == 200)
            }
        }

        @Test(
            "the health check command accepts the answer of a protected page",
            arguments: ["", ", client_ca_file: \(certificate("authority.crt"))"])
        func healthcheckAsksProtectedPages(client: String) async throws {
            let ports = (otlp: try freePort(), metrics: try freePort())
            let folder = try TemporaryFolder()
            let text = """
                receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:\(ports.otlp)"}}}}
                exporters:
                  prometheus:
                    endpoint: "127.0.0.1:\(ports.metrics)"
                    tls: {\(Self.server)\(client)}
                    auth: {authenticator: bearertokenauth}
                extensions: {bearertokenauth: {token: some-token}}
                service:
                  extensions: [bearertokenauth]
                  telemetry: {metrics: {level: none}}
                  pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
                odometer: {state: {path: ""}}
                """
            let file = try folder.write(text, to: "config.yaml")
            #expect(try ProgramRun.finished("healthcheck", "--config=\(file)").status == 1)
            let program = try RunningProgram(
                OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment)
            try program.waitForPorts([ports.metrics, ports.otlp])
            let run = try ProgramRun.finished("healthcheck", "--config=\(file)")
            #expect(run.status == 0, "\(run.errors)")
            #expect(program.stop() == .exited(0))
            let summary = try ProgramRun.finished("validate", "--config=\(file)").output
            let needs = client.isEmpty ? "TLS" : "TLS and a client certificate"
            #expect(summary.contains("           requires \(needs) and the credentials of bearertokenauth\n"))
        }

        @Test func renewedFilesCountForNewConnections() async throws {
            let folder = try TemporaryFolder()
            let copy = { (from: String, to: String) in
                let text = try String(contentsOf: Self.certificates.appending(path: from), encoding: .utf8)
                return try folder.write(text, to: to)
            }
            let (certificate, key) = (try copy("server.crt", "crt"), try copy("server.key", "key"))
            let authority = try copy("authority.crt", "ca")
            let configuration = Self.configuration(
                tls: "cert_file: \(certificate), key_file: \(key), client_ca_file: \(authority), "
                    + "reload_interval: 1s, client_ca_file_reload: true")
            try await AppInProcess.run(configuration) { collector in
                let fetch = { (client: String) in
                    try await Self.fetch(
                        collector.otlpPort, "/",
                        ["--certificate", Self.certificate("\(client).crt"), Self.certificate("\(client).key")])
                }
                #expect(try await fetch("client").subject == "server")
                #expect(try await fetch("intruder").status == 0)
                let untrusted = ["listener": "otlp", "reason": "untrusted_client_certificate"]
                #expect(try collector.scrape()["odometer_refused_connections_total", untrusted] == 1)
                _ = try copy("renewed.key", "key")
                _ = try copy("renewed.crt", "crt")
                #expect(try await eventually { try await fetch("client").subject == "renewed" })
                _ = try copy("stranger.crt", "ca")
                #expect(try await eventually { try await fetch("intruder").status == 404 })
                #expect(try await fetch("client").status == 0)
            }
        }

        /// Waits for an action of the collector.
        private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
            let end = ContinuousClock.now + .seconds(30)
            while try await !condition() {
                if ContinuousClock.now > end { return false }
            }
            return true
        }
    }
}
