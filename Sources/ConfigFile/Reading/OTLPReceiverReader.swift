/// Reads one `receivers.otlp`. Its routes stay absent until the pipelines are read.
struct OTLPReceiverReader {
    /// Bytes that `max_request_body_size` may allow. 1 GiB: a body is held in memory while it arrives.
    static let bodyBytesRange = 0...(1 << 30)

    private static let httpKeys =
        ServerKeys.withCORS + [
            KnownName("max_request_body_size"), KnownName("metrics_url_path"), KnownName("logs_url_path"),
            KnownName("traces_url_path"),
        ]

    let component: DefinedComponent
    let findings: Findings

    /// Nil if no HTTP listener can be made of it, which the findings then say.
    func read() -> ListenerConfig<OTLPHTTPConfig>? {
        let receiver = component.section(findings)
        receiver?.check([KnownName("protocols")])
        guard let protocols = receiver?.section("protocols"), !protocols.entries.isEmpty else {
            if component.settings.asksForNothing || receiver?.entry("protocols")?.value.asksForNothing ?? true {
                findings.mistake(
                    component.position, component.path, "enables no protocol; write protocols: {http: {}}")
            }
            return nil
        }
        protocols.check([KnownName("http"), KnownName("grpc")])
        if let grpc = protocols.entries.first(where: { $0.key == "grpc" }) {
            let path = protocols.path.key("grpc")
            if protocols.hasKey("http") {
                findings.note(grpc.keyPosition, path, "has no effect yet: gRPC is not served; clients must send HTTP")
            } else {
                findings.mistake(
                    grpc.keyPosition, path, "not supported yet, and nothing else is enabled; add http: beside it")
            }
        }
        return protocols.entries.first { $0.key == "http" }.map { readHTTP($0, path: protocols.path.key("http")) }
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
