internal import ConfigFile
internal import Settings

/// Where the sample is sent and which pages should show it.
struct SendTestTargets: Equatable {
    var metrics: WebTarget
    var logs: WebTarget
    var pages: [WebTarget]

    /// - Throws: `SendTestFailure` if the configuration has no target, or an address is invalid.
    init(_ config: AppConfig, endpoint: String?, page: String?) throws(SendTestFailure) {
        let receiver = config.otlpHTTP.first {
            if case .exported = $0.metrics { true } else { false }
        }
        if let endpoint {
            guard let address = WebAddress(parsing: endpoint, defaultPath: "/v1/metrics") else {
                throw SendTestFailure(
                    "--endpoint: expected http://HOST:PORT or https://HOST:PORT, got \(endpoint)")
            }
            metrics = WebTarget(address: address)
            logs = metrics
            logs.address.path = address.path.hasSuffix("/metrics") ? address.path.dropLast(8) + "/logs" : "/v1/logs"
        } else {
            guard let receiver else {
                throw SendTestFailure(
                    config.otlpGRPC.isEmpty
                        ? "no pipeline connects an HTTP receiver to a prometheus exporter; add --endpoint"
                        : "this configuration receives metrics over gRPC only, but send-test uses HTTP; add http: to the "
                            + "protocols of its otlp receiver, or --endpoint")
            }
            metrics = WebTarget(
                address: WebAddress(
                    receiver.endpoint, path: receiver.settings.metricsURLPath, isSecure: receiver.tls != nil),
                tls: receiver.tls, auth: receiver.auth)
            logs = metrics
            logs.address.path = receiver.settings.logsURLPath
        }
        if let page {
            guard let address = WebAddress(parsing: page, defaultPath: "/metrics") else {
                throw SendTestFailure("--page: expected http://HOST:PORT/metrics, or https, got \(page)")
            }
            pages = [WebTarget(address: address)]
        } else {
            var names = config.prometheus.map(\.name)
            if let receiver, case .exported(let exporters) = receiver.metrics { names = exporters }
            pages = config.prometheus.filter { names.contains($0.name) }.map { exporter in
                WebTarget(
                    address: WebAddress(exporter.endpoint, path: "/metrics", isSecure: exporter.tls != nil),
                    tls: exporter.tls, auth: exporter.auth)
            }
        }
    }
}
