internal import ConfigFile
internal import Logging
internal import Platform
internal import Settings

/// The limit on open files and sockets of this process. Most of them are connections: those of one listener must not
/// prevent another listener, or the state, from opening files.
enum OpenFileLimit {
    /// Reserved for files, connections to destinations, and libraries. 128.
    private static let reserve = 128

    /// Raises it as far as the system allows.
    /// - Returns: the new limit.
    static func raise() -> Int {
        var limit = rlimit()
        #if canImport(Darwin)
        let resource = RLIMIT_NOFILE
        #else
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #endif
        guard getrlimit(resource, &limit) == 0 else { return .max }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
        _ = getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// The configuration with connection limits that fit the open files.
    static func fitted(_ config: AppConfig, openFiles: Int, log: Logger) -> AppConfig {
        var config = config
        let listeners =
            config.otlpHTTP.count + config.otlpGRPC.count + config.prometheus.count + config.healthChecks.count
            + config.telemetry.ownMetrics.listeners.count
        let wanted = config.limits.server.maxConnections
        config.limits.server.maxConnections = connections(wanted, of: listeners, openFiles: openFiles)
        if config.limits.server.maxConnections < wanted {
            log.warning(
                "max_connections is lowered: the process may not open more files",
                metadata: ["connections": "\(config.limits.server.maxConnections)", "files": "\(openFiles)"])
        }
        return config
    }

    /// The connection limit of one listener when each has its own.
    /// - Parameters:
    ///   - wanted: `max_connections`.
    ///   - listeners: their number.
    ///   - openFiles: the limit of the process.
    static func connections(_ wanted: Int, of listeners: Int, openFiles: Int) -> Int {
        min(wanted, max(1, (openFiles - reserve) / max(1, listeners)))
    }
}
