/// Reads one `receivers.otlp`. Its routes stay absent until the pipelines are read.
struct OTLPReceiverReader {
    /// Bytes that `max_request_body_size` may allow. 1 GiB: a body is held in memory while it arrives.
    static let bodyBytesRange = 0...(1 << 30)
    /// MiB that `max_recv_msg_size_mib` may allow.
    static let messageMebibytesRange = 0...1024

    private static let httpKeys =
        ServerKeys.withCORS + [
            KnownName("max_request_body_size"), KnownName("metrics_url_path"), KnownName("logs_url_path"),
            KnownName("traces_url_path"),
        ]

    /// The settings of the Collector's gRPC servers (its configgrpc).
    private static let grpcKeys =
        [
            KnownName("endpoint"), KnownName("max_recv_msg_size_mib"), KnownName("max_concurrent_streams"),
            KnownName("transport", .notSupportedYet(unless: ["tcp"])),
            KnownName("tls"), KnownName("auth"),
            KnownName("middlewares", .notSupportedYet()),
            KnownName(
                "keepalive", .noEffect("has no effect: pings are always answered, odometer.limits sets the idle time")),
            KnownName("include_metadata", .noEffect("has no effect: request metadata is not passed on")),
        ]
        + ["read_buffer_size", "write_buffer_size", "dialer"].map {
            KnownName($0, .noEffect("has no effect: buffers grow and shrink with what arrives"))
        }

    let component: DefinedComponent
    let findings: Findings

    /// What listens for one receiver. Neither if no listener can be made of it, which the findings then say.
    struct Listeners {
        var http: ListenerConfig<OTLPHTTPConfig>?
        var grpc: ListenerConfig<OTLPGRPCConfig>?
    }

    func read() -> Listeners {
        let receiver = component.section(findings)
        receiver?.check([KnownName("protocols")])
        guard let protocols = receiver?.section("protocols"), !protocols.entries.isEmpty else {
            if component.settings.asksForNothing || receiver?.entry("protocols")?.value.asksForNothing ?? true {
                findings.mistake(
                    component.position, component.path, "enables no protocol; write protocols: {http: {}}")
            }
            return Listeners()
        }
        protocols.check([KnownName("http"), KnownName("grpc")])
        return Listeners(
            http: protocols.entries.first { $0.key == "http" }.map { readHTTP($0, path: protocols.path.key("http")) },
            grpc: protocols.entries.first { $0.key == "grpc" }.map { readGRPC($0, path: protocols.path.key("grpc")) })
    }

    private func readGRPC(_ entry: YAMLEntry, path: ConfigPath) -> ListenerConfig<OTLPGRPCConfig> {
        let defaultEndpoint = Endpoint(host: "localhost", port: OTLPGRPCConfig.defaultPort)
        var config = OTLPGRPCConfig(name: component.id.description, endpoint: defaultEndpoint)
        var position = entry.keyPosition
        if let section = Section(entry.value, path: path, findings: findings) {
            section.check(Self.grpcKeys)
            checkKeepAlive(section)
            position = section.entry("endpoint")?.value.position ?? position
            config.endpoint =
                section.endpoint("endpoint", defaultPort: OTLPGRPCConfig.defaultPort) ?? config.endpoint
            let mebibytes = section.integer("max_recv_msg_size_mib", in: Self.messageMebibytesRange) ?? 0
            if mebibytes > 0 {
                config.messageBytesLimit = mebibytes << 20
            }
            let streams = section.integer("max_concurrent_streams", in: 0...Int(UInt32.max)) ?? 0
            if streams > 0 {
                config.concurrentStreamLimit = min(streams, OTLPGRPCConfig.concurrentStreamCeiling)
            }
            config.tls = section.serverTLS()
            config.auth = section.serverAuth(isHTTP: false)
        }
        return ListenerConfig(config: config, path: path.key("endpoint"), position: position)
    }

    /// Its keys have no effect, but misspelt ones are mistakes.
    private func checkKeepAlive(_ section: Section) {
        guard let keepAlive = section.section("keepalive") else {
            return
        }
        keepAlive.check([KnownName("server_parameters"), KnownName("enforcement_policy")])
        let parameters = keepAlive.section("server_parameters")
        parameters?.check(
            ["max_connection_idle", "max_connection_age", "max_connection_age_grace", "time", "timeout"].map {
                KnownName($0)
            })
        keepAlive.section("enforcement_policy")?.check([KnownName("min_time"), KnownName("permit_without_stream")])
    }

    private func readHTTP(_ entry: YAMLEntry, path: ConfigPath) -> ListenerConfig<OTLPHTTPConfig> {
        let defaultEndpoint = Endpoint(host: "localhost", port: OTLPHTTPConfig.defaultPort)
        var config = OTLPHTTPConfig(name: component.id.description, endpoint: defaultEndpoint)
        var position = entry.keyPosition
        if let section = Section(entry.value, path: path, findings: findings) {
            section.check(Self.httpKeys)
            position = section.entry("endpoint")?.value.position ?? position
            config.endpoint =
                section.endpoint("endpoint", defaultPort: OTLPHTTPConfig.defaultPort) ?? config.endpoint
            config.cors = section.section("cors").flatMap { CORSReader(section: $0).read() }
            config.tls = section.serverTLS()
            config.auth = section.serverAuth(isHTTP: true)
            let bodyBytes = section.byteCount("max_request_body_size", in: Self.bodyBytesRange) ?? 0
            if bodyBytes > 0 {
                config.bodyBytesLimit = bodyBytes
            }
            config.metricsPath = urlPath("metrics_url_path", in: section) ?? config.metricsPath
            config.logsPath = urlPath("logs_url_path", in: section) ?? config.logsPath
            config.tracesPath = urlPath("traces_url_path", in: section) ?? config.tracesPath
            if Set([config.metricsPath, config.logsPath, config.tracesPath]).count < 3 {
                findings.mistake(section.position, path, "the paths of two signals are equal; write different ones")
            }
        }
        return ListenerConfig(config: config, path: path.key("endpoint"), position: position)
    }

    /// A missing slash at the start is added, as the Collector does.
    private func urlPath(_ key: String, in section: Section) -> String? {
        guard let text = section.text(key), let entry = section.entry(key) else {
            return nil
        }
        let isPath = text.utf8.allSatisfy { byte in
            (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
        }
        guard isPath, !text.isEmpty, text.utf8.count <= 1024 else {
            findings.mistake(
                entry.value.position, section.path.key(key),
                "\(quoted(text)) is no path of a URL; write one such as /v1/metrics")
            return nil
        }
        return text.hasPrefix("/") ? text : "/" + text
    }
}

/// A listener with the place its address was set at, for messages.
struct ListenerConfig<Config: Sendable>: Sendable {
    var config: Config
    let path: ConfigPath
    /// Nil for a default.
    let position: SourcePosition?
}
