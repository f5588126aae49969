internal import ConfigFile
internal import Logging
internal import Pipeline
internal import Platform
internal import Server

extension MemoryGuard {
    /// - Parameters:
    ///   - limiters: those of the metrics pipelines; nil without any.
    ///   - totalBytes: the memory that this process may have, for limits in per cent.
    convenience init?(
        _ limiters: [MemoryLimiterConfig], totalBytes: Int = SystemMemory.totalBytes, bodies: BodyBudget? = nil,
        log: Logger, residentBytes: @escaping @Sendable () -> Int? = { ProcessUsage.residentBytes }
    ) {
        guard let interval = limiters.map(\.checkInterval).min(),
            let limit = limiters.map({ $0.softLimit(ofTotal: totalBytes) }).min()
        else { return nil }
        self.init(
            checkInterval: interval, softLimit: limit, bodies: bodies, log: log, residentBytes: residentBytes)
    }
}
