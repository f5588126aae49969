package import Settings

/// One `exporters.otlphttp`.
package struct OTLPHTTPExporterConfig: Equatable, Sendable {
    /// The URL of each signal; a signal without a URL has no pipeline.
    package var urls: [PipelineSignal: ExportURL]
    package var client = ClientConfig()

    package init(urls: [PipelineSignal: ExportURL]) {
        self.urls = urls
    }
}

/// One `exporters.otlp`: OTLP over gRPC.
package struct OTLPGRPCExporterConfig: Equatable, Sendable {
    /// The server; the path is `/`.
    package var url: ExportURL
    package var client = ClientConfig()

    /// With the timeout of gRPC calls, which is shorter.
    package init(url: ExportURL) {
        self.url = url
        client.timeout = .seconds(5)
    }
}

/// Settings of all exporters that send over a network.
package struct ClientConfig: Equatable, Sendable {
    /// `headers`: names in any letter case. Values may be secrets: they are never logged.
    package var headers: [ClientHeader] = []
    /// `compression`. Default gzip.
    package var compression = Compression.gzip
    /// `tls`. Nil: the default settings, if the URL requires TLS.
    package var tls: TLSConfig?
    /// `auth`. Nil: no authentication, except by headers.
    package var auth: AuthConfig?
    /// `timeout` of one attempt. Default 30 s over HTTP, 5 s over gRPC.
    package var timeout: Duration = .seconds(30)

    package init() {}
}

/// One header of an exporter.
package struct ClientHeader: Equatable, Sendable {
    package var name: String
    package var value: String
}
