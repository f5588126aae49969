internal import ConfigFile

/// Where the sample goes and where it should be seen.
struct SendTestTargets: Equatable {
    var metrics: WebAddress
    var logs: WebAddress
    var pages: [WebAddress]

    /// - Throws: `SendTestFailure` when the configuration does not say it, or an address cannot be read.
    init(_ config: CollectorConfig, endpoint: String?, page: String?) throws(SendTestFailure) {
        let receiver = config.otlpHTTP.first {
            if case .exported = $0.metrics { true } else { false }
        }
        if let endpoint {
            guard let address = WebAddress(parsing: endpoint, defaultPath: "/v1/metrics") else {
                throw SendTestFailure(
                    "\(endpoint) is no address to send to; write http://HOST:PORT (TLS is not spoken)")
            }
            metrics = address
            logs = address
            logs.path = address.path.hasSuffix("/metrics") ? address.path.dropLast(8) + "/logs" : "/v1/logs"
        } else {
            guard let receiver else {
                throw SendTestFailure(
                    config.otlpGRPC.isEmpty
                        ? "no receiver of this configuration leads to a prometheus exporter; add --endpoint"
                        : "this configuration takes metrics over gRPC only, and the sample goes over HTTP; add http: to "
                            + "the protocols of its otlp receiver, or --endpoint")
            }
            guard receiver.tls == nil else {
                throw SendTestFailure(
                    "receiver \(receiver.name) takes TLS only, which send-test does not speak; add --endpoint with the "
                        + "address of one without")
            }
            metrics = WebAddress(receiver.endpoint, path: receiver.metricsPath)
            logs = WebAddress(receiver.endpoint, path: receiver.logsPath)
        }
        if let page {
            guard let address = WebAddress(parsing: page, defaultPath: "/metrics") else {
                throw SendTestFailure("\(page) is no page to read; write http://HOST:PORT/metrics")
            }
            pages = [address]
        } else {
            var names = config.prometheus.map(\.name)
            if let receiver, case .exported(let exporters) = receiver.metrics { names = exporters }
            let exporters = config.prometheus.filter { names.contains($0.name) }
            if let exporter = exporters.first(where: { $0.tls != nil }) {
                throw SendTestFailure(
                    "\(exporter.name) shows its page over TLS only, which send-test does not speak; add --page with the "
                        + "address of one without")
            }
            pages = exporters.map { WebAddress($0.endpoint, path: "/metrics") }
        }
    }
}
