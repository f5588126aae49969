/// The settings that every HTTP server of the Collector has (its confighttp), with their support here.
enum ServerKeys {
    /// The keys of servers that support CORS.
    static let withCORS = all.filter { $0.name != "cors" } + [KnownName("cors")]

    static let all: [KnownName] =
        [
            KnownName("endpoint"),
            KnownName("transport", .notSupportedYet(unless: ["tcp"])),
            KnownName("tls"), KnownName("auth"),
            KnownName("cors", .notSupportedYet()),
            KnownName("middlewares", .notSupportedYet()),
            KnownName("include_metadata", .noEffect("no component reads request metadata")),
            KnownName("include_tls_metadata", .noEffect("no component reads request metadata")),
            KnownName("response_headers", .noEffectYet("no headers are added")),
            KnownName(
                "compression_algorithms", .noEffect("gzip, zlib, deflate and zstd are always accepted")),
        ]
        + [
            "read_timeout", "read_header_timeout", "write_timeout", "idle_timeout", "keepalive", "keep_alives_enabled",
        ].map { KnownName($0, .noEffect("odometer.limits sets the time-outs of connections")) }
}

extension Section {
    /// `tls` of a listener. Nil: no TLS, because it is absent or null.
    func serverTLS() -> TLSConfig? {
        section("tls").map { TLSReader(section: $0, side: .server).read() }
    }

    /// `auth` of a listener. Nil: no authentication, because it is absent or null.
    func serverAuth(isHTTP: Bool) -> AuthConfig? {
        section("auth").flatMap { AuthReader(section: $0, isHTTP: isHTTP).read() }
    }
}
