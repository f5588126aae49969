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
    package var compression = ClientCompression.gzip
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

/// `compression` of an exporter.
package enum ClientCompression: String, Equatable, Sendable, CaseIterable {
    case none
    case gzip
    case zstd
}

/// One `exporters.file`.
package struct FileExporterConfig: Equatable, Sendable {
    /// `path`.
    package var path: String
    /// `format`. Default json.
    package var format = FileExportFormat.json
    /// `append`: goes on with a file that is there. Default false: it begins empty.
    package var appends = false
    /// `rotation`. Nil: the file grows without end.
    package var rotation: FileRotationConfig?

    package init(path: String) {
        self.path = path
    }
}

/// `format` of a file exporter.
package enum FileExportFormat: String, Equatable, Sendable, CaseIterable {
    /// One JSON object a line for each export.
    case json
    /// The protobuf message of each export behind its length, 4 bytes big-endian.
    case proto
}

/// `rotation` of a file exporter: when a new file begins, and which old ones stay.
package struct FileRotationConfig: Equatable, Sendable {
    /// `max_megabytes`. Default 100 MB.
    package var megabytes = 100
    /// `max_days`: old files are removed after so many days; 0: never for their age. Default 0.
    package var days = 0
    /// `max_backups`: old files that stay. Default 100.
    package var backups = 100

    package init() {}
}
