/// Reads one `exporters.otlphttp`.
struct OTLPHTTPExporterReader {
    private static let keys =
        ClientReader.keys
        + ["traces_endpoint", "metrics_endpoint", "logs_endpoint", "encoding"].map { KnownName($0) }
        + [
            KnownName("profiles_endpoint", .noEffect("profiles are not supported")),
            KnownName("compression_params", .noEffect("the default level is used")),
            KnownName("proxy_url", .notSupportedYet()), KnownName("cookies", .notSupportedYet()),
        ]
        + [
            "max_idle_conns", "max_idle_conns_per_host", "max_conns_per_host", "idle_conn_timeout",
            "disable_keep_alives", "http2_read_idle_timeout", "http2_ping_timeout", "force_attempt_http2",
        ].map {
            KnownName($0, .noEffect("each consumer keeps one HTTP/1.1 connection"))
        }

    private enum Encoding: String, CaseIterable {
        case proto
        case json
    }

    let component: DefinedComponent
    let findings: Findings

    /// Nil if it names no usable endpoint; that is in the findings.
    func read() -> ForwardConfig? {
        guard let section = component.section(findings) else {
            if component.settings.isNull { missingEndpoint(component.position, component.path) }
            return nil
        }
        section.check(Self.keys)
        var config = OTLPHTTPExporterConfig(urls: urls(in: section))
        if config.urls.isEmpty {
            if !["endpoint", "logs_endpoint", "traces_endpoint", "metrics_endpoint"].contains(where: {
                section.entry($0) != nil
            }) {
                missingEndpoint(section.position, section.path)
            }
            return nil
        }
        ClientReader(section: section, findings: findings).read(into: &config.client)
        checkEncoding(section)
        var forward = ForwardConfig(name: component.id.description, target: .http(config))
        let sending = SendingReader(section: section)
        forward.queue = sending.queue()
        forward.retry = sending.retry()
        return forward
    }

    private func missingEndpoint(_ position: SourcePosition, _ path: ConfigPath) {
        findings.mistake(position, path, "endpoint is missing; write a URL such as http://loki:3100/otlp")
    }

    /// `endpoint` is the base of all paths; those of the signals are whole URLs.
    private func urls(in section: Section) -> [PipelineSignal: ExportURL] {
        var urls: [PipelineSignal: ExportURL] = [:]
        let base = url("endpoint", in: section)
        for signal in PipelineSignal.allCases {
            urls[signal] = url("\(signal.rawValue)_endpoint", in: section) ?? base?.appending("/v1/\(signal.rawValue)")
        }
        return urls
    }

    private func url(_ key: String, in section: Section) -> ExportURL? {
        guard let entry = section.entry(key), let text = section.text(key) else {
            return nil
        }
        do throws(MalformedEndpoint) {
            return try ExportURL(parsing: text)
        } catch {
            findings.mistake(entry.value.position, section.path.key(key), error.message)
            return nil
        }
    }

    private func checkEncoding(_ section: Section) {
        guard let encoding = section.choice("encoding", Encoding.self), let entry = section.entry("encoding") else {
            return
        }
        let path = section.path.key("encoding")
        switch encoding {
        case .proto:
            findings.note(
                entry.keyPosition, path, "exports received as JSON are forwarded as JSON, unchanged")
        case .json:
            findings.mistake(
                entry.value.position, path,
                "not supported: bodies are forwarded unchanged, protobuf as protobuf; remove it")
        }
    }
}
