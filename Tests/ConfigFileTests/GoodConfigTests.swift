import Foundation
import Patterns
import Settings
import Testing

@testable import ConfigFile

@Suite struct GoodConfigTests {
    @Test func embeddedDefaultIsWhatTheDocumentedFileSays() throws {
        let file = Fixtures.repository.appending(path: "Config/odometer.yaml").path
        #expect(try ConfigLoader.load(files: [file]) { _ in nil } == .embeddedDefault)
    }

    @Test func withoutFilesTheEmbeddedDefaultRuns() throws {
        let config = try ConfigLoader.load(files: []) { _ in nil }
        #expect(config == .embeddedDefault)
        #expect(config.otlpHTTP.map(\.endpoint.description) == ["0.0.0.0:4318"])
        #expect(config.otlpGRPC.map(\.endpoint.description) == ["0.0.0.0:4317"])
        #expect(config.otlpGRPC[0].metrics == .exported(to: ["prometheus"]))
        #expect(config.otlpGRPC[0].logs == .discarded)
        #expect(config.prometheus.map(\.endpoint.description) == ["0.0.0.0:8889"])
        #expect(config.otlpHTTP[0].metrics == .exported(to: ["prometheus"]))
        #expect(config.otlpHTTP[0].logs == .discarded)
        #expect(config.otlpHTTP[0].traces == .discarded)
        #expect(config.telemetry.ownMetrics == OwnMetricsConfig(onExporters: true, listeners: []))
        #expect(config.notes.isEmpty)
    }

    @Test func composeFilesOfTheCollectorWork() throws {
        let config = try Fixtures.good("compose_quickstart")
        #expect(
            config.otlpHTTP == [
                OTLPHTTPConfig(
                    name: "otlp", endpoint: Endpoint(host: "0.0.0.0", port: 4318),
                    metrics: .exported(to: ["prometheus"]), logs: .discarded, traces: .absent)
            ])
        #expect(
            config.otlpGRPC == [
                OTLPGRPCConfig(
                    name: "otlp", endpoint: Endpoint(host: "0.0.0.0", port: 4317),
                    metrics: .exported(to: ["prometheus"]), logs: .discarded, traces: .absent)
            ])
        #expect(
            config.prometheus == [
                PrometheusConfig(
                    name: "prometheus", endpoint: Endpoint(host: "0.0.0.0", port: 8889),
                    expiration: MetricExpiration(both: 10_800 * second),
                    enableOpenMetrics: true)
            ])
        #expect(
            config.memoryLimiters == [
                MemoryLimiterConfig(name: "memory_limiter", checkInterval: .seconds(1), limit: .bytes(512 << 20))
            ])
        #expect(
            config.healthChecks == [
                HealthCheckConfig(name: "health_check", endpoint: Endpoint(host: "localhost", port: 13133))
            ])
        #expect(config.debug.map(\.verbosity) == [.detailed])
        #expect(config.telemetry == TelemetryConfig())
        #expect(config.telemetry.ownMetrics.listeners == [Endpoint(host: "localhost", port: 8888)])
        #expect(!config.telemetry.ownMetrics.onExporters)
        #expect(
            config.notes.map(\.path).sorted() == [
                "exporters.debug.verbosity", "processors.batch", "service.pipelines.logs",
            ])
    }

    @Test("R-GRPC-02 R-GRPC-04 gRPC alone is enough; its keys are read, those without effect are reported")
    func grpcIsRead() throws {
        let config = try Fixtures.good("only_grpc")
        #expect(config.otlpHTTP.isEmpty)
        var first = OTLPGRPCConfig(
            name: "otlp", endpoint: Endpoint(host: "localhost", port: 4317), metrics: .exported(to: ["prometheus"]))
        (first.settings.maxRecvMsgSize, first.settings.maxConcurrentStreams) = (16 << 20, 32)
        #expect(
            config.otlpGRPC == [
                first,
                OTLPGRPCConfig(
                    name: "otlp/second", endpoint: Endpoint(host: "localhost", port: 4319),
                    metrics: .exported(to: ["prometheus"])),
            ])
        #expect(config.otlpGRPC[1].settings.maxRecvMsgSize == 4 << 20)
        let grpc = "receivers.otlp.protocols.grpc"
        #expect(
            config.notes.map(\.path) == [
                "\(grpc).keepalive", "\(grpc).read_buffer_size", "\(grpc).write_buffer_size",
                "\(grpc).include_metadata",
            ])
    }

    @Test("filter and attributes processors are read in the order of the pipeline")
    func filtersAreRead() throws {
        let config = try Fixtures.good("filters")
        let exporter = try #require(config.prometheus.first)
        let isDropped = [
            "claude_code.cost.usage": false, "claude_code.session.count": true, "claude_code.active_time.total": true,
            "http.requests": true, "claude_code.test": true, "claude_code.tests": false, "claude_code.debug.x": true,
            "claude_code.debugging": false, "claude_code.internal": true, "xclaude_code.cost.usage": true,
        ]
        for (name, expected) in isDropped {
            #expect(exporter.droppedMetrics.holds(for: name) == expected, "\(name)")
        }
        let processor = try #require(exporter.processors.first)
        #expect(exporter.processors.count == 1)
        #expect(processor.metrics == .all([.any([.equals("claude_code.cost.usage")])]))
        #expect(
            processor.actions == [
                .extract(key: Array("model".utf8), try TextPattern("^claude-(?P<family>[a-z]+)-")),
                .convert(key: Array("cents".utf8), .int), .deleteMatching(try TextPattern(#"^user\."#)),
                .hash(key: Array("email".utf8)), .hashMatching(try TextPattern("_id$")),
            ])
        #expect(
            config.notes.map(\.path) == [
                "processors.attributes/path.include.services", "processors.filter/claude.error_mode",
            ])
    }

    @Test func flowStyleWorks() throws {
        let config = try Fixtures.good("flow_style")
        #expect(config.otlpHTTP.map(\.endpoint) == [Endpoint(host: "127.0.0.1", port: 4318)])
        #expect(config.prometheus.map(\.endpoint) == [Endpoint(host: "127.0.0.1", port: 8889)])
        #expect(config.prometheus[0].expiration == MetricExpiration())
    }

    @Test func httpWithoutSettingsHasTheDefaults() throws {
        let config = try Fixtures.good("only_http_null")
        #expect(
            config.otlpHTTP == [
                OTLPHTTPConfig(
                    name: "otlp", endpoint: Endpoint(host: "localhost", port: 4318),
                    metrics: .exported(to: ["prometheus"]), logs: .absent, traces: .absent)
            ])
        #expect(config.prometheus[0].endpoint == Endpoint(host: "", port: 8889))
        let settings = config.otlpHTTP[0].settings
        #expect(settings.maxRequestBodySize == 20_971_520)
        #expect([settings.metricsURLPath, settings.logsURLPath] == ["/v1/metrics", "/v1/logs"])
        #expect(settings.tracesURLPath == "/v1/traces")
        #expect(config.limits == Limits())
        #expect(config.notes.isEmpty)
    }

    @Test func namedInstancesAreRoutedByTheirPipelines() throws {
        let config = try Fixtures.good("named_instances")
        #expect(config.otlpHTTP.map(\.name) == ["otlp", "otlp/second"])
        #expect(config.otlpHTTP[0].endpoint == Endpoint(host: "::1", port: 4318))
        #expect(config.otlpHTTP[0].endpoint.description == "[::1]:4318")
        #expect(config.otlpHTTP[0].settings.maxRequestBodySize == 4096)
        #expect(config.otlpHTTP[0].settings.metricsURLPath == "/in/metrics")
        #expect(config.otlpHTTP[0].metrics == .exported(to: ["prometheus", "prometheus/forever"]))
        #expect(config.otlpHTTP[0].logs == .absent)
        #expect(config.otlpHTTP[1].endpoint.port == 0)
        #expect(config.otlpHTTP[1].settings.maxRequestBodySize == OTLPHTTPSettings().maxRequestBodySize)
        #expect(config.otlpHTTP[1].metrics == .exported(to: ["prometheus/forever"]))
        #expect(config.otlpHTTP[1].logs == .discarded)
        #expect(config.prometheus.map(\.name) == ["prometheus", "prometheus/forever"])
        #expect(config.prometheus[0].expiration.counters == 5400 * second)
        #expect(config.prometheus[1].expiration == MetricExpiration(both: nil))
        #expect(
            config.notes.map(\.path) == ["exporters.prometheus/forever.metric_expiration"])
    }

    @Test func settingsThatAskForWhatHappensAnywayAreTaken() throws {
        let config = try Fixtures.good("defaults_written_out")
        #expect(config.notes.isEmpty)
        #expect(config.prometheus.count == 1)
    }

    @Test("R-NAME-14 R-NAME-15 R-LAB-09 R-LAB-11 R-LAB-12 R-TS-01 the keys of the Prometheus exporter are read")
    func prometheusNamingIsRead() throws {
        let config = try Fixtures.good("prometheus_naming")
        let first = config.prometheus[0]
        #expect(first.naming.namespace == "app")
        #expect(first.naming.strategy == .noUTF8EscapingWithSuffixes)
        #expect(first.naming.constantLabels == ["env": "prod", "team.name": "1"])
        #expect(first.naming.withoutScopeInfo)
        #expect(first.naming.resourceAttributes == .allButService)
        #expect(first.sendTimestamps)
        #expect(config.prometheus.map(\.common.createdTimestamps) == [true, true, true])
        #expect(config.prometheus.map(\.common.firstSampleZero) == [false, false, false])
        #expect(config.prometheus.map(\.common.targetInfo) == [.always, .always, .always])
        #expect(config.prometheus.map(\.sendTimestamps) == [true, false, false])
        #expect(config.prometheus[1].naming.strategy == .underscoreEscapingWithoutSuffixes)
        #expect(config.prometheus[1].naming.resourceAttributes == CopiedResourceAttributes.none)
        #expect(config.prometheus[2].naming.resourceAttributes == .all)
        #expect(config.prometheus[2].naming.strategy == .underscoreEscapingWithSuffixes)
        #expect(
            config.notes.map(\.path) == [
                "exporters.prometheus.send_timestamps", "exporters.prometheus.add_metric_suffixes",
            ])
    }

    @Test("R-NAME-14 an empty translation_strategy is none, as in the Collector", arguments: [true, false])
    func emptyStrategy(addsSuffixes: Bool) throws {
        let config = try load(
            """
            receivers: {otlp: {protocols: {http: {}}}}
            exporters: {prometheus: {endpoint: ":1", translation_strategy: "", add_metric_suffixes: \(addsSuffixes)}}
            service: {pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}}
            """)
        #expect(config.prometheus.first?.naming.strategy.addsSuffixes == addsSuffixes)
    }

    @Test func anchorsAndMergeKeysAreResolved() throws {
        let config = try Fixtures.good("anchors_and_merge_keys")
        #expect(config.otlpHTTP.map(\.endpoint.port) == [4318, 4319])
        #expect(config.otlpHTTP.map(\.settings.maxRequestBodySize) == [4096, 4096])
        #expect(config.prometheus.map(\.endpoint.port) == [8889, 8890])
        #expect(config.prometheus.map(\.expiration.counters) == [nil, 420 * second])
        #expect(config.otlpHTTP[1].metrics == .exported(to: ["prometheus", "prometheus/second"]))
    }

    @Test func ownMetricsCanBeTurnedOff() throws {
        let config = try Fixtures.good("own_metrics_off")
        #expect(config.telemetry.ownMetrics == OwnMetricsConfig(onExporters: false, listeners: []))
        #expect(config.telemetry.logLevel == .warn)
        #expect(config.telemetry.logEncoding == .json)
        #expect(config.notes.map(\.path) == ["service.telemetry.logs.sampling"])
    }

    @Test func ownMetricsGoWhereTheReadersSay() throws {
        let config = try Fixtures.good("own_metrics_readers")
        #expect(config.telemetry.ownMetrics.listeners == [Endpoint(host: "::1", port: 9464)])
        let path = "service.telemetry.metrics.readers"
        #expect(
            config.notes.map(\.path).sorted() == [
                "\(path)[0].pull.exporter.prometheus.without_units", "\(path)[1].periodic",
                "service.telemetry.resource",
            ])
    }

    @Test func ownMetricsGoWhereTheOlderAddressSays() throws {
        let config = try Fixtures.good("own_metrics_address")
        #expect(config.telemetry.ownMetrics.listeners == [Endpoint(host: "", port: 9464)])
    }

    @Test(
        "levels are accepted in any letter case, zap's levels above error as error",
        arguments: [
            ("debug", LogLevel.debug), ("INFO", .info), ("Warn", .warn), ("warning", .warn), ("error", .error),
            ("dpanic", .error), ("FATAL", .error),
        ])
    func logLevels(text: String, level: LogLevel) throws {
        let config = try load(
            """
            receivers: {otlp: {protocols: {http: {}}}}
            exporters: {prometheus: {endpoint: localhost:8889}}
            service:
              telemetry: {logs: {level: \(text)}}
              pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}
            """)
        #expect(config.telemetry.logLevel == level)
    }

    @Test func fileWithOnlyOurBlockKeepsTheRestOfTheDefault() throws {
        let config = try Fixtures.good("odometer_block_only")
        var expected = AppConfig.embeddedDefault
        expected.prometheus[0].expiration = MetricExpiration { ($0.counters, $0.gauges) = (720 * 3600 * second, nil) }
        expected.prometheus[0].common.firstSampleZero = false
        expected.prometheus[0].common.createdTimestamps = true
        expected.prometheus[0].common.targetInfo = .always
        expected.limits.state.maxSeries = 1000
        expected.limits.retention.maxWindowsMemory = 1 << 30
        expected.limits.server.idleTimeout = .seconds(90)
        expected.writers =
            [WriterRule(metric: "app.*.total", mode: .latest), WriterRule(metric: "system.cpu.time", mode: .sum)]
        #expect(config == expected)
    }

    @Test func laterFilesAreLaidOverEarlierOnes() throws {
        let overlay = """
            exporters: {debug: , otlphttp: {endpoint: "http://localhost:3100", encoding: proto}}
            """
        let environment = ["MORE": overlay]
        let config = try ConfigLoader.load(
            files: [Fixtures.path("good", "merge_base"), "file:" + Fixtures.path("good", "merge_overlay"), "env:MORE"]
        ) { environment[$0] }
        #expect(config.otlpHTTP.map(\.endpoint.description) == ["0.0.0.0:14318"])
        // Mappings are merged, so the other keys of http are still there.
        #expect(config.otlpHTTP[0].settings.maxRequestBodySize == 4096)
        // Null replaces, so the default holds again.
        #expect(config.prometheus[0].expiration == MetricExpiration())
        // Lists are replaced.
        let logs = try #require(config.notes.first { $0.path == "service.pipelines.logs" })
        #expect(logs.position?.file == Fixtures.path("good", "merge_overlay"))
        #expect(config.debug.map(\.logsFrom) == [["otlp"]])
        #expect(config.notes.contains { $0.path == "exporters.otlphttp.encoding" && $0.position?.file == "env:MORE" })
    }

    @Test func listsAreReplacedNotJoined() throws {
        let environment = [
            "BASE": """
            receivers: {otlp: {protocols: {http: {}}}}
            exporters: {prometheus: {endpoint: localhost:8889}, prometheus/2: {endpoint: localhost:8890}}
            service: {pipelines: {metrics: {receivers: [otlp], exporters: [prometheus]}}}
            """, "OVER": "service: {pipelines: {metrics: {exporters: [prometheus/2]}}}",
        ]
        let config = try ConfigLoader.load(files: ["env:BASE", "env:OVER"]) { environment[$0] }
        #expect(config.prometheus.map(\.name) == ["prometheus/2"])
        #expect(config.otlpHTTP[0].metrics == .exported(to: ["prometheus/2"]))
    }

    @Test func notesAreNoMistakes() throws {
        let config = try load(withHTTP("include_metadata: true", "read_timeout: 5s", "keep_alives_enabled: false"))
        #expect(config.notes.count == 3)
        #expect(config.notes.allSatisfy { $0.message.hasPrefix("has no effect") })
    }
}
