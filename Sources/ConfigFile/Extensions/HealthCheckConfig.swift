/// One `extensions.health_check` that `service.extensions` lists: reports whether the collector is ready.
package struct HealthCheckConfig: Equatable, Sendable {
    /// The extension as the configuration names it.
    package var name: String
    /// Default `localhost:13133`, as in the Collector.
    package var endpoint: Endpoint
    /// `tls`. Nil: no TLS.
    package var tls: TLSConfig?
    /// `auth`. Nil: no authentication.
    package var auth: AuthConfig?
    /// `path`, default `/`. If it ends in a slash, it includes all paths below it.
    package var path: String
    /// `response_body.healthy`: the body of a 200. Nil: JSON with status and uptime.
    package var healthyBody: String?
    /// `response_body.unhealthy`: the body while the collector is not ready. Nil: JSON with the status.
    package var unhealthyBody: String?

    package init(
        name: String, endpoint: Endpoint, path: String = "/", healthyBody: String? = nil, unhealthyBody: String? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.path = path
        self.healthyBody = healthyBody
        self.unhealthyBody = unhealthyBody
    }

    /// 13133, which the Collector uses.
    package static let defaultPort = 13133
}
