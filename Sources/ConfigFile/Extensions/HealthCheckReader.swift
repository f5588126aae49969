/// Reads one `extensions.health_check`.
struct HealthCheckReader {
    private static let keys =
        ServerKeys.all + [
            KnownName("path"), KnownName("response_body"),
            KnownName("max_request_body_size", .noEffect("bodies are not read")),
            KnownName("use_v2", .notSupportedYet(unless: ["false"])),
            KnownName(
                "check_collector_pipeline", .noEffect("the health check does not watch exporters")),
        ]

    let component: DefinedComponent
    let findings: Findings

    func read() -> ListenerConfig<HealthCheckConfig> {
        let defaultEndpoint = Endpoint(host: "localhost", port: HealthCheckConfig.defaultPort)
        var config = HealthCheckConfig(name: component.id.description, endpoint: defaultEndpoint)
        let path = component.path.key("endpoint")
        guard let section = component.section(findings) else {
            return ListenerConfig(config: config, path: path, position: component.position)
        }
        section.check(Self.keys)
        config.endpoint =
            section.endpoint("endpoint", defaultPort: HealthCheckConfig.defaultPort) ?? config.endpoint
        config.tls = section.serverTLS()
        config.auth = section.serverAuth(isHTTP: true)
        if let path = section.text("path"), let entry = section.entry("path") {
            if path.hasPrefix("/"), path.utf8.count <= 1024, path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
                config.path = path
            } else {
                findings.mistake(
                    entry.value.position, section.path.key("path"),
                    "expected a URL path such as /health, got \(quoted(path))")
            }
        }
        if let body = section.section("response_body") {
            body.check([KnownName("healthy"), KnownName("unhealthy")])
            config.healthyBody = body.text("healthy")
            config.unhealthyBody = body.text("unhealthy")
        }
        return ListenerConfig(
            config: config, path: path, position: section.entry("endpoint")?.value.position ?? component.position)
    }
}
