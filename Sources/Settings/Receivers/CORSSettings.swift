/// `cors` of a receiver: which web pages may send exports (R-HTTP-27).
package struct CORSSettings: Equatable, Sendable {
    /// `allowed_origins`: origins such as `https://*.example.com`, `*` standing for any characters. Never empty.
    package var allowedOrigins: [String]
    /// `allowed_headers`: request headers that pages may set; `*` allows all. Default: those of plain exports.
    package var allowedHeaders: [String]
    /// `exposed_headers`: response headers that pages may read.
    package var exposedHeaders: [String]
    /// `max_age`: how long a browser may cache the response, seconds. 0: the browser's default.
    package var maxAgeSeconds: Int

    package init(
        allowedOrigins: [String], allowedHeaders: [String] = [], exposedHeaders: [String] = [], maxAgeSeconds: Int = 0
    ) {
        self.allowedOrigins = allowedOrigins
        self.allowedHeaders = allowedHeaders
        self.exposedHeaders = exposedHeaders
        self.maxAgeSeconds = maxAgeSeconds
    }
}
