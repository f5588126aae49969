internal import ConfigFile
internal import Logging
internal import Pipeline
internal import Platform
internal import Series

extension RecoveredState {
    /// Opens the configured directory and restores the stores.
    init?(
        _ config: AppConfig, exporters: [(name: String, series: SharedSeries)], now: UnixNanoseconds, log: Logger,
        isWhole: Bool = false, memory: Int = SystemMemory.totalBytes
    ) throws(StateFailure) {
        try self.init(
            config.state, limits: config.limits, exporters: exporters, now: now, log: log, isWhole: isWhole,
            memory: memory
        ) { name in
            // Totals are kept by identity as received, so the settings of their page do not matter.
            let exporter = PrometheusConfig(name: name, endpoint: Endpoint(host: "", port: 0))
            return SharedSeries(SeriesStore(exporter, of: config, createdAt: now))
        }
    }
}
