package import Settings

/// One `exporters.otlphttp`.
package struct OTLPHTTPExporterConfig: Equatable, Sendable {
    /// Where each signal goes; a signal without a URL has no pipeline.
    package var urls: [PipelineSignal: ExportURL]
    package var client = ClientConfig()

    package init(urls: [PipelineSignal: ExportURL]) {
        self.urls = urls
    }
}

/// One `exporters.otlp`: OTLP over gRPC.
package struct OTLPGRPCExporterConfig: Equatable, Sendable {
    /// Where the server is; the path is `/`.
    package var url: ExportURL
    package var client = ClientConfig()

    /// With the time-out of calls, which is shorter.
    package init(url: ExportURL) {
        self.url = url
        client.timeout = .seconds(5)
    }
}

/// What all exporters that send over a network have.
package struct ClientConfig: Equatable, Sendable {
    /// `headers`: names in any letter case. Values may be secrets: they are never shown.
    package var headers: [ClientHeader] = []
    /// `compression`. Default gzip.
    package var compression = Compression.gzip
    /// `tls`. Nil: the usual settings, where the URL asks for TLS.
    package var tls: TLSConfig?
    /// `auth`. Nil: nobody proves who we are, but for headers.
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
