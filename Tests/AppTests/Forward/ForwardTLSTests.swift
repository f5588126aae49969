import Foundation
import Testing

/// Forwarding over TLS with credentials, to another collector that requires both.
@Suite struct ForwardTLSTests {
    private static func certificate(_ name: String) -> String {
        Fixtures.folder.appending(path: "TLS").appending(path: name).path
    }

    private static let backend = """
        receivers:
          otlp:
            protocols:
              grpc: {endpoint: "127.0.0.1:0", tls: {TLS}, auth: {authenticator: AUTH}}
              http: {endpoint: "127.0.0.1:0", tls: {TLS}, auth: {authenticator: AUTH}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
        extensions:
          bearertokenauth: {token: some-token}
          basicauth: {htpasswd: {inline: "ada:pass:word"}}
        service:
          extensions: [bearertokenauth, basicauth]
          telemetry: {metrics: {level: none}}
          pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
        """.replacing(
            "TLS",
            with: "cert_file: \(certificate("server.crt")), key_file: \(certificate("server.key")), "
                + "client_ca_file: \(certificate("authority.crt"))")

    /// A collector that forwards metrics.
    private static func sender(_ type: String, endpoint: String, auth: String, tls: String) -> String {
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        exporters:
          \(type):
            endpoint: "\(endpoint)"
            tls: {\(tls)}
            auth: {authenticator: \(auth)}
            retry_on_failure: {initial_interval: 20ms, max_interval: 50ms}
        extensions:
          bearertokenauth: {token: some-token}
          bearertokenauth/wrong: {token: another-token}
          basicauth: {client_auth: {username: ada, password: "pass:word"}}
        service:
          extensions: [bearertokenauth, bearertokenauth/wrong, basicauth]
          telemetry: {metrics: {level: normal, readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]}}
          pipelines: {metrics: {receivers: [otlp], exporters: [\(type)]}}
        """
    }

    private static let trusting =
        "ca_file: \(certificate("authority.crt")), cert_file: \(certificate("client.crt")), "
        + "key_file: \(certificate("client.key"))"

    /// Runs a collector that asks for TLS and credentials, and one that passes metrics on to it.
    private static func run(
        _ type: String, auth: String, backendAuth: String? = nil, tls: String = trusting,
        _ body: (_ backend: AppInProcess, _ collector: AppInProcess) async throws -> Void
    ) async throws {
        try await AppInProcess.run(Self.backend.replacing("AUTH", with: backendAuth ?? auth)) { backend in
            let endpoint =
                type == "otlp" ? "localhost:\(backend.grpcPort)" : "https://localhost:\(backend.otlpPort)"
            try await AppInProcess.run(sender(type, endpoint: endpoint, auth: auth, tls: tls)) { collector in
                try await body(backend, collector)
            }
        }
    }

    @Test(
        "a certificate renewed on disk is presented to the destination without a restart",
        arguments: ["otlp", "otlphttp"])
    func certificatesAreRenewed(type: String) async throws {
        let folder = try TemporaryFolder()
        func install(_ name: String) throws {
            for suffix in ["crt", "key"] {
                let content = try Data(contentsOf: URL(filePath: Self.certificate("\(name).\(suffix)")))
                try content.write(to: folder.url.appending(path: "own.\(suffix)"), options: .atomic)
            }
        }
        try install("intruder")
        let own = folder.url.appending(path: "own").path
        let tls =
            "ca_file: \(Self.certificate("authority.crt")), cert_file: \(own).crt, key_file: \(own).key, "
            + "reload_interval: 1s"
        try await Self.run(type, auth: "bearertokenauth", tls: tls) { _, collector in
            _ = try collector.post(TestExport.sum("own.count", 3))
            let hasFailed = try wait(within: .seconds(20)) {
                try Self.count("odometer_forward_failed_attempts_total", collector) > 0
            }
            #expect(hasFailed)
            try install("client")
            let hasArrived = try wait(within: .seconds(20)) {
                try Self.count("odometer_forward_sent_records_total", collector) == 1
            }
            #expect(hasArrived)
        }
    }

    private static func count(_ name: String, _ collector: AppInProcess) throws -> Double {
        let page = try HTTPClient.exchange(port: collector.telemetryPort, "GET", "/metrics")
        return try ExpositionText(page.body).total(of: name) ?? 0
    }

    @Test(
        "the certificate of the destination is verified, and ours is presented",
        arguments: ["otlp", "otlphttp"], ["bearertokenauth", "basicauth"])
    func protectedDestinationTakesExports(type: String, auth: String) async throws {
        let capture = try CaptureFixture("metrics-only")
        try await Self.run(type, auth: auth) { backend, collector in
            for export in try capture.metricsExports {
                let status = try collector.connect().exchange(export).status
                #expect(status == 200)
            }
            let isExact = try wait(within: .seconds(20)) {
                capture.differences(from: try backend.scrape().samples).isEmpty
            }
            #expect(isExact)
        }
    }

    @Test(
        "a destination with an untrusted certificate gets nothing, and the export waits",
        arguments: ["otlp", "otlphttp"])
    func strangerGetsNothing(type: String) async throws {
        let tls = Self.trusting.replacing(
            "ca_file: \(Self.certificate("authority.crt"))", with: "ca_file: \(Self.certificate("stranger.crt"))")
        try await Self.run(type, auth: "bearertokenauth", tls: tls) { backend, collector in
            _ = try collector.post(TestExport.sum("own.count", 1))
            let hasTried = try wait(within: .seconds(20)) {
                try Self.count("odometer_forward_failed_attempts_total", collector) >= 2
            }
            #expect(hasTried)
            #expect(try Self.count("odometer_forward_queue_exports", collector) == 1)
            #expect(try backend.scrapeText() == "")
        }
    }

    @Test(
        "a destination that refuses our credentials is a final failure: dropped and counted",
        arguments: ["otlp", "otlphttp"])
    func wrongCredentialsAreRefused(type: String) async throws {
        try await Self.run(type, auth: "bearertokenauth/wrong", backendAuth: "bearertokenauth") { backend, collector in
            _ = try collector.post(TestExport.sum("own.count", 1))
            let isDropped = try wait(within: .seconds(20)) {
                try Self.count("otelcol_exporter_send_failed_metric_points", collector) == 1
            }
            #expect(isDropped)
            #expect(try Self.count("odometer_forward_queue_exports", collector) == 0)
            #expect(try backend.scrapeText() == "")
        }
    }
}
