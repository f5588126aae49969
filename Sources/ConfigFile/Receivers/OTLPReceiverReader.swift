internal import Settings

/// Reads one `receivers.otlp`. Its routes are set when the pipelines are read.
struct OTLPReceiverReader {
    /// The settings of the Collector's gRPC servers (its configgrpc).
    private static let grpcKeys =
        [
            KnownName("endpoint"),
            KnownName("transport", .notSupportedYet(unless: ["tcp"])),
            KnownName("tls"), KnownName("auth"),
            KnownName("middlewares", .notSupportedYet()),
            KnownName(
                "keepalive", .noEffect("pings are always answered, odometer.limits sets the idle time")),
            KnownName("include_metadata", .noEffect("no component reads request metadata")),
        ]
        + ["read_buffer_size", "write_buffer_size", "dialer"].map {
            KnownName($0, .noEffect("buffers grow and shrink as needed"))
        }

    let component: DefinedComponent
    let findings: Findings

    /// The listeners of one receiver. Both are nil if none is usable; that is in the findings.
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
        read(entry, path: path, defaultPort: OTLPGRPCSettings.defaultPort, keys: Self.grpcKeys, isHTTP: false) {
            checkKeepAlive($0)
        }
    }

    private func readHTTP(_ entry: YAMLEntry, path: ConfigPath) -> ListenerConfig<OTLPHTTPConfig> {
        let listener: ListenerConfig<OTLPHTTPConfig> = read(
            entry, path: path, defaultPort: OTLPHTTPSettings.defaultPort, keys: ServerKeys.withCORS, isHTTP: true)
        let settings = listener.config.settings
        if Set([settings.metricsURLPath, settings.logsURLPath, settings.tracesURLPath]).count < 3 {
            findings.mistake(entry.value.position, path, "the paths of two signals are equal; write different ones")
        }
        return listener
    }

    /// - Parameter checkOwn: looks at keys that only this protocol has.
    private func read<Settings: SettingGroup>(
        _ entry: YAMLEntry, path: ConfigPath, defaultPort: Int, keys: [KnownName], isHTTP: Bool,
        checkOwn: (Section) -> Void = { _ in }
    ) -> ListenerConfig<OTLPReceiverConfig<Settings>> {
        var config = OTLPReceiverConfig<Settings>(
            name: component.id.description, endpoint: Endpoint(host: "localhost", port: defaultPort))
        var position = entry.keyPosition
        if let section = Section(entry.value, path: path, findings: findings) {
            section.read(into: &config.settings, besides: keys)
            checkOwn(section)
            position = section.entry("endpoint")?.value.position ?? position
            config.endpoint = section.endpoint("endpoint", defaultPort: defaultPort) ?? config.endpoint
            if isHTTP { config.cors = section.section("cors").flatMap { CORSReader(section: $0).read() } }
            config.tls = section.serverTLS()
            config.auth = section.serverAuth(isHTTP: isHTTP)
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
}
