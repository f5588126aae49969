/// Reads one `exporters.otlp`: OTLP over gRPC.
struct OTLPGRPCExporterReader {
    private static let keys =
        ClientReader.keys + [
            KnownName("keepalive", .noEffect("the time-out detects a dead connection")),
            KnownName("wait_for_ready", .noEffect("exports that cannot be sent wait in the queue")),
            KnownName("balancer_name", .noEffect("each consumer keeps one connection")),
            KnownName("authority", .notSupportedYet()),
            KnownName("batcher", .noEffect("exports are forwarded unchanged")),
        ]

    let component: DefinedComponent
    let findings: Findings

    /// Nil if it has no usable endpoint; that is in the findings.
    func read() -> ForwardConfig? {
        let section = component.section(findings)
        section?.check(Self.keys)
        guard let section, let entry = section.entry("endpoint"), let text = section.text("endpoint") else {
            if section?.entry("endpoint") == nil {
                findings.mistake(
                    component.position, component.path, "endpoint is missing; write HOST:PORT such as tempo:4317")
            }
            return nil
        }
        let isInsecure = section.section("tls")?.isSet("insecure") ?? false
        let url: ExportURL
        do throws(MalformedEndpoint) {
            url = try ExportURL(parsingTarget: text, isSecure: !isInsecure)
        } catch {
            findings.mistake(entry.value.position, section.path.key("endpoint"), error.message)
            return nil
        }
        var config = OTLPGRPCExporterConfig(url: url)
        ClientReader(section: section, findings: findings).read(into: &config.client)
        var forward = ForwardConfig(name: component.id.description, target: .grpc(config))
        let sending = SendingReader(section: section)
        forward.queue = sending.queue()
        forward.retry = sending.retry()
        return forward
    }
}
