internal import ConfigFile
internal import Logging
internal import Settings

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// How many files and sockets this process may have open. Connections are the most of them: what one listener takes must
/// not be missing where another one accepts, or the state is written.
enum OpenFileLimit {
    /// Kept for files, connections to destinations, and what the libraries open. 128.
    private static let reserve = 128

    /// Raises it as far as the system lets this process.
    /// - Returns: what it is now.
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

    /// The configuration with as many connections as there are files for.
    static func fitted(_ config: CollectorConfig, openFiles: Int, log: Logger) -> CollectorConfig {
        var config = config
        let listeners =
            config.otlpHTTP.count + config.otlpGRPC.count + config.prometheus.count + config.healthChecks.count
            + config.telemetry.ownMetrics.listeners.count
        let wanted = config.limits.server.maxConnections
        config.limits.server.maxConnections = connections(wanted, of: listeners, openFiles: openFiles)
        if config.limits.server.maxConnections < wanted {
            log.warning(
                "each listener takes fewer connections than max_connections: the process may not open more files",
                metadata: ["connections": "\(config.limits.server.maxConnections)", "files": "\(openFiles)"])
        }
        return config
    }

    /// The connections of one listener when each has its own places.
    /// - Parameters:
    ///   - wanted: `max_connections`.
    ///   - listeners: how many there are.
    ///   - openFiles: what the process may have open.
    static func connections(_ wanted: Int, of listeners: Int, openFiles: Int) -> Int {
        min(wanted, max(1, (openFiles - reserve) / max(1, listeners)))
    }
}
