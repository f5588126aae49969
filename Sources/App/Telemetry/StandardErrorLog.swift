internal import ConfigFile
internal import Logging
internal import Settings

/// A log of lines on standard error.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let encoding: LogEncoding
    private let queue: LogQueue
    private let now: @Sendable () -> LogTime

    init(
        level: Logger.Level, encoding: LogEncoding, queue: LogQueue = .standardError,
        now: @escaping @Sendable () -> LogTime = LogTime.now
    ) {
        logLevel = level
        self.encoding = encoding
        self.queue = queue
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        fields.merge(metadataProvider?.get() ?? [:]) { $1 }
        fields.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error {
            fields["error"] = "\(error)"
        }
        let line = LogLine(time: now(), level: event.level, message: event.message.description, metadata: fields)
        queue.append(line.bytes(as: encoding))
    }

    /// The line that reports how many were dropped before it.
    static func notice(
        ofDropped count: UInt64, as encoding: LogEncoding, now: () -> LogTime = LogTime.now
    ) -> [UInt8] {
        LogLine(
            time: now(), level: .warning, message: "log lines dropped: standard error was not read fast enough",
            metadata: ["count": "\(count)"]
        ).bytes(as: encoding)
    }
}

extension Logger {
    /// The program's log, as configured in `service.telemetry.logs`. Created directly, without swift-log's process-wide
    /// factory, and passed to all users.
    init(_ telemetry: TelemetryConfig, limits: LogLimits) {
        let encoding = telemetry.logEncoding
        LogQueue.standardError.configure(limits) { StandardErrorLog.notice(ofDropped: $0, as: encoding) }
        self.init(label: "odometer") { _ in
            StandardErrorLog(level: Logger.Level(telemetry.logLevel), encoding: encoding)
        }
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warn: self = .warning
        case .error: self = .error
        }
    }
}
